import { FlashfleetError } from "../../../shared/errors.ts";
import type { System } from "../../system/system.ts";
import type { ActionContext } from "../action.ts";
import { lookAt } from "./look.ts";

/** Folders below which nothing is ever removed: the kernel's own. */
const kernelTrees = /^\/(proc|sys|dev)(\/|$)/;
/** Directories whose own entries are parts of the system: below them one level is kept too. */
const systemTrees = ["/usr", "/var", "/boot", "/lib", "/lib64", "/bin", "/sbin", "/home", "/run"];
/** Directories that are somebody's whole: a kernel's modules, what boots, a person's home. */
const wholes = /^(\/boot\/.+|(\/usr)?\/lib\/modules\/[^/]+|\/home\/[^/]+)$/;
/** Without these a machine does not start, or nobody gets in. */
const kept = [
  "/etc/apt",
  "/etc/default",
  "/etc/fstab",
  "/etc/group",
  "/etc/init.d",
  "/etc/network",
  "/etc/pam.d",
  "/etc/passwd",
  "/etc/security",
  "/etc/shadow",
  "/etc/ssh",
  "/etc/ssl",
  "/etc/sudoers",
  "/etc/systemd",
  "/usr/bin",
  "/usr/lib",
  "/usr/lib/modules",
  "/usr/lib/systemd",
  "/usr/local/bin",
  "/usr/local/lib",
  "/usr/sbin",
  "/var/lib/apt",
  "/var/lib/dpkg",
  "/var/lib/flashfleet",
  "/var/lib/rpm",
  "/var/lib/systemd",
];

/**
 * Why what lies at a path is not removed; undefined where nothing speaks against it. `path` has no links before its last
 * name. `mounts`: all mount points.
 */
export function whyKept(path: string, isDirectory: boolean, mounts: readonly string[]): string | undefined {
  const parts = path.split("/").filter(Boolean);
  const [first = ""] = parts;
  if (parts.length <= 1) return "it lies at the top of the file system";
  if (kernelTrees.test(path)) return "it belongs to the kernel";
  if (kept.some((each) => each === path || each.startsWith(`${path}/`))) return "the system needs it";
  if (isDirectory && (wholes.test(path) || (parts.length === 2 && systemTrees.includes(`/${first}`))))
    return "it is too much at once";
  const mount = mounts.find((each) => each === path || each.startsWith(`${path}/`));
  return mount === undefined ? undefined : `${mount} is mounted there`;
}

/** Throws `plan_refused` where removing it might hurt more than what the task is about. */
export async function assertRemovable(system: System, path: string, isDirectory: boolean): Promise<void> {
  const reason = whyKept(path, isDirectory, await mountPoints(system));
  if (reason === undefined) return;
  throw new FlashfleetError("plan_refused", `cannot remove ${path}: ${reason}`, {
    hint: "remove what is meant in it by its own path, or use command: for what has to go all the same",
  });
}

async function mountPoints(system: System): Promise<string[]> {
  const text = await system.read("/proc/self/mountinfo");
  return text.split("\n").flatMap((line) => {
    const [, , , , at] = line.split(" ");
    return at === undefined
      ? []
      : [at.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))];
  });
}

/** Removes what lies at a path with all that is in it; links are removed, and never followed. */
export async function removeTree(path: string, context: Pick<ActionContext, "system" | "deadline">): Promise<void> {
  const { system, deadline } = context;
  const stat = await lookAt(system, path);
  if (stat === undefined) return;
  if (stat.kind !== "directory") return system.do({ op: "unlink", path }, deadline);
  for (const name of await system.list(path)) await removeTree(`${path}/${name}`, context);
  await system.do({ op: "rmdir", path }, deadline);
}
