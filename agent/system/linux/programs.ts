import type { Deadline } from "../../../shared/clock.ts";
import { SystemError } from "../system.ts";
import type { RunChild } from "./child.ts";
import { errnoInText } from "./errno.ts";
import { readText } from "./read.ts";
import { failure } from "./write-in-child.ts";

export const configfsRoot = "/sys/kernel/config";

/** rmdir(2) in a child: removing an enabled namespace or a port waits for what is in flight. */
export async function removeDirectory(runChild: RunChild, path: string, deadline: Deadline): Promise<void> {
  const result = await runChild({ argv: ["rmdir", "--", path], doing: "rmdir", path, deadline });
  if (result.code !== 0) throw failure("rmdir", path, result);
}

/** ENOENT where this kernel has no such module; what modprobe said is kept in the message. */
export async function modprobe(
  runChild: RunChild,
  name: string,
  parameters: Readonly<Record<string, string>>,
  deadline: Deadline,
): Promise<void> {
  const settings = Object.entries(parameters).map(([parameter, value]) => `${parameter}=${value}`);
  const argv = ["modprobe", "--", name, ...settings] as const;
  const result = await runChild({ argv, doing: "modprobe", path: name, deadline });
  if (result.code !== 0) throw moduleFailure("modprobe", name, result);
}

/**
 * Unloads a module and what was loaded for it alone. modprobe -r takes dependencies away too, but looks at each only once, in
 * an order in which nvme_keyring is still held by nvme_fabrics: what it leaves behind goes in another round.
 */
export async function unloadModule(runChild: RunChild, name: string, deadline: Deadline): Promise<void> {
  const before = await loadedModules();
  const result = await runChild({ argv: ["modprobe", "-r", "--", name], doing: "unload module", path: name, deadline });
  if (result.code !== 0) throw moduleFailure("unload module", name, result);
  const tried = new Set<string>();
  for (;;) {
    const [first, ...rest] = orphans(before, await loadedModules()).filter((module) => !tried.has(module));
    if (first === undefined) return;
    for (const module of [first, ...rest]) tried.add(module);
    const again = await runChild({
      argv: ["modprobe", "-r", "--", first, ...rest],
      doing: "unload module",
      path: name,
      deadline,
    });
    // Somebody has come to use them in the meantime: they are theirs now.
    if (again.code !== 0) return;
  }
}

/** Modules by name: how often each is used, and by which other modules. */
export type LoadedModules = ReadonlyMap<string, { uses: number; users: readonly string[] }>;

/** Modules that nothing uses any more, though modules that are gone did. */
export function orphans(before: LoadedModules, after: LoadedModules): string[] {
  return [...after].flatMap(([module, { uses }]) => {
    const users = before.get(module)?.users ?? [];
    return uses === 0 && users.length > 0 && users.every((user) => !after.has(user)) ? [module] : [];
  });
}

/** Lines of /proc/modules: `nvme_keyring 16384 2 nvme_tcp,nvme_fabrics, Live 0x0`. */
export function parseProcModules(text: string): LoadedModules {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [name = "", , uses, users = ""] = line.split(" ");
      const names = users.split(",").filter((each) => each !== "" && each !== "-" && !each.startsWith("["));
      return name === "" ? [] : [[name, { uses: Number(uses), users: names }] as const];
    }),
  );
}

/** None where the kernel was built without modules. */
async function loadedModules(): Promise<LoadedModules> {
  const text = await readText("/proc/modules").catch(() => "");
  return parseProcModules(text);
}

/** The errno in what modprobe printed: kmod's and busybox's. */
export function modprobeErrno(stderr: string): string | undefined {
  if (/\bmodule \S+ not found\b/i.test(stderr)) return "ENOENT";
  // "FATAL: Module nvmet is in use", without an errno.
  if (/\bis in use\b/i.test(stderr)) return "EBUSY";
  if (/\bis builtin\b/i.test(stderr)) return "EPERM";
  if (/unknown symbol in module/i.test(stderr)) return "EINVAL";
  return errnoInText(stderr);
}

function moduleFailure(doing: string, name: string, result: { code: number | null; stderr: string }): SystemError {
  const detail = result.stderr.trim() === "" ? `exit code ${result.code}` : result.stderr.trim();
  return new SystemError(modprobeErrno(result.stderr) ?? "UNKNOWN", name, doing, { detail });
}

/** Mounted already is what was wanted. */
export async function mountConfigfs(runChild: RunChild, deadline: Deadline): Promise<void> {
  const argv = ["mount", "-t", "configfs", "none", configfsRoot] as const;
  const result = await runChild({ argv, doing: "mount configfs on", path: configfsRoot, deadline });
  if (result.code === 0 || isMountedAlready(result.stderr)) return;
  throw failure("mount configfs on", configfsRoot, { ...result, stdout: "" });
}

/** util-linux before and after 2.36, and busybox. */
export function isMountedAlready(stderr: string): boolean {
  return /already mounted/i.test(stderr) || errnoInText(stderr) === "EBUSY";
}
