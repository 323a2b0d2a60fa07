import type { System } from "../../system/system.ts";
import { ifReadable, readAttribute } from "../tolerant.ts";

/** Package managers by their program, in Ansible's words; of several the last one counts. */
const packageManagers: readonly (readonly [path: string, name: string])[] = [
  ["/usr/bin/yum", "yum"],
  ["/usr/bin/dnf", "dnf"],
  ["/usr/bin/apt-get", "apt"],
  ["/usr/bin/zypper", "zypper"],
  ["/usr/bin/pacman", "pacman"],
  ["/sbin/apk", "apk"],
];

/** What installs packages here: apt, dnf, …; `unknown` where it is none of those that are known. */
export async function packageManagerOf(system: System, family: string | undefined): Promise<string> {
  const there = await Promise.all(
    packageManagers.map(async ([path, name]) => ((await isThere(system, path)) ? [name] : [])),
  );
  const names = there.flat();
  // A Red Hat may have apt beside its own.
  const own = family === "RedHat" ? names.findLast((name) => name === "dnf" || name === "yum") : undefined;
  return own ?? names.at(-1) ?? "unknown";
}

/** What runs services here: the name of the first process, where that says something. */
export async function serviceManagerOf(system: System): Promise<string> {
  const first = await readAttribute(system, "/proc/1/comm");
  if (first !== undefined && first !== "" && first !== "init" && !first.endsWith("sh")) return first;
  return (await isThere(system, "/run/systemd/system")) ? "systemd" : "service";
}

async function isThere(system: System, path: string): Promise<boolean> {
  return (await ifReadable(system.realpath(path))) !== undefined;
}
