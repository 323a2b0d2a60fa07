import type { Chapter } from "../row.ts";
import { configfsRows } from "./configfs.ts";
import { connectRows } from "./connect.ts";
import { controllerRows } from "./controller.ts";
import { controllerLossRows } from "./controller-loss.ts";
import { diskRows } from "./disk.ts";
import { hostRows } from "./host.ts";
import { moduleRows } from "./modules.ts";
import { namespaceRows } from "./namespace.ts";
import { portRows } from "./port.ts";
import { portGroupRows } from "./port-group.ts";
import { portLinkRows } from "./port-link.ts";
import { subsystemRows } from "./subsystem.ts";

/** The whole contract between flashfleet and a kernel. */
export const chapters: readonly Chapter[] = [
  { title: "configfs", rows: configfsRows },
  { title: "subsystems", rows: subsystemRows },
  { title: "namespaces", rows: namespaceRows },
  { title: "ports", rows: portRows },
  { title: "links of ports", rows: portLinkRows },
  { title: "groups and referrals of ports", rows: portGroupRows },
  { title: "hosts", rows: hostRows },
  { title: "connects", rows: connectRows },
  { title: "controllers", rows: [...controllerRows, ...controllerLossRows] },
  { title: "disks and paths", rows: diskRows },
  { title: "modules", rows: moduleRows },
];
