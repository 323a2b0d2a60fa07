import type { Op, System } from "../../agent/system/system.ts";
import type { Deadline, Millis } from "../../shared/clock.ts";
import { fabricsControllers, namesIn, nvmet } from "./places.ts";
import { discoveryNqn } from "./rows/states.ts";

/** A node to run rows on, and its time. */
export interface World {
  system: System;
  /** Lets so much time pass there. */
  pass(millis: Millis): Promise<void>;
  /** For one operation. */
  deadline(): Deadline;
}

/** The state that every row begins with, where nothing is made yet. */
export async function prepare({ system, deadline }: World): Promise<void> {
  for (const name of ["nvmet", "nvme-tcp"]) await system.do({ op: "modprobe", name, parameters: {} }, deadline());
  await system.do({ op: "mountConfigfs" }, deadline());
}

/** Takes away all that rows make: first what uses something, then what it used. Local drives stay. */
export async function clean({ system, deadline }: World): Promise<void> {
  const act = (op: Op) => system.do(op, deadline());
  const names = (path: string) => namesIn(system, path);
  const kinds = async (path: string, kind: "directory" | "link") => {
    const found: string[] = [];
    for (const name of await names(path)) {
      if ((await system.stat(`${path}/${name}`)).kind === kind) found.push(`${path}/${name}`);
    }
    return found;
  };
  const drop = async (op: "rmdir" | "unlink", paths: readonly string[]) => {
    for (const path of paths) await act({ op, path });
  };

  for (const name of await fabricsControllers(system)) {
    const path = `/sys/class/nvme/${name}/delete_controller`;
    // It may be going by itself.
    await act({ op: "write", path, value: "1" }).catch(() => undefined);
  }
  for (const port of await kinds(`${nvmet}/ports`, "directory")) {
    await drop("unlink", await kinds(`${port}/subsystems`, "link"));
    await drop("rmdir", await kinds(`${port}/referrals`, "directory"));
    const groups = await kinds(`${port}/ana_groups`, "directory");
    await drop(
      "rmdir",
      groups.filter((path) => !path.endsWith("/1")),
    );
    await act({ op: "rmdir", path: port });
  }
  for (const subsystem of await kinds(`${nvmet}/subsystems`, "directory")) {
    await drop("unlink", await kinds(`${subsystem}/allowed_hosts`, "link"));
    await drop("rmdir", await kinds(`${subsystem}/namespaces`, "directory"));
    await act({ op: "rmdir", path: subsystem });
  }
  await drop("rmdir", await kinds(`${nvmet}/hosts`, "directory"));
  if ((await names(nvmet)).includes("discovery_nqn")) {
    await act({ op: "write", path: `${nvmet}/discovery_nqn`, value: discoveryNqn });
  }
  // It holds nvmet and nvme-fabrics, unlike nvmet-tcp and nvme-tcp from both sides.
  if ((await names("/sys/module")).includes("nvme_loop")) await act({ op: "unloadModule", name: "nvme-loop" });
}
