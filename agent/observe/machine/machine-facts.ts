import type { MachineFacts } from "../../../shared/protocol/facts.ts";
import type { System } from "../../system/system.ts";
import { listIfThere, readAttribute } from "../tolerant.ts";
import { parseRoute4, parseRoute6 } from "./default-route.ts";
import { distributionOf, parseOsRelease, versionFiles } from "./distribution.ts";
import { packageManagerOf, serviceManagerOf } from "./managers.ts";
import { observeMounts } from "./mounts.ts";
import { machineIn, parseMemory, parseProcessors } from "./processors.ts";

/** What is known of the machine and its distribution by reading a few files; what cannot be read is left out. */
export async function observeMachine(system: System): Promise<MachineFacts> {
  const read = (path: string) => readAttribute(system, path);
  const [hostname, arch, version, cpuinfo, meminfo, uptime, bootId, machineId, hosts, distribution, mounts] =
    await Promise.all([
      system.hostname(),
      read("/proc/sys/kernel/arch"),
      read("/proc/sys/kernel/version"),
      read("/proc/cpuinfo"),
      read("/proc/meminfo"),
      read("/proc/uptime"),
      read("/proc/sys/kernel/random/boot_id"),
      machineIdOf(system),
      read("/etc/hosts"),
      observeDistribution(system),
      observeMounts(system),
    ]);
  const [route4, route6, names, packages, services] = await Promise.all([
    read("/proc/net/route"),
    read("/proc/net/ipv6_route"),
    listIfThere(system, "/sys/class/net"),
    packageManagerOf(system, distribution?.os_family),
    serviceManagerOf(system),
  ]);
  const [ipv4, ipv6] = await Promise.all([
    withMtu(system, parseRoute4(route4 ?? "")),
    withMtu(system, parseRoute6(route6 ?? "")),
  ]);
  return {
    fqdn: fullName(hostname, hosts ?? ""),
    ...given({ machine: arch ?? machineIn(cpuinfo ?? ""), kernel_version: version }),
    ...given({ boot_id: bootId, machine_id: machineId }),
    ...distribution,
    ...(uptime === undefined ? {} : { uptime_seconds: Math.floor(Number.parseFloat(uptime)) }),
    ...parseMemory(meminfo ?? ""),
    ...parseProcessors(cpuinfo ?? ""),
    pkg_mgr: packages,
    service_mgr: services,
    // bonding adds a file to the directories of interfaces.
    interfaces: names.filter((name) => name !== "bonding_masters"),
    ...given({ default_ipv4: ipv4, default_ipv6: ipv6 }),
    mounts,
  };
}

/** Without those that are not known. */
function given<T extends Readonly<Record<string, unknown>>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // What is left has no undefined, which filtering entries cannot say.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

async function machineIdOf(system: System): Promise<string | undefined> {
  const text =
    (await readAttribute(system, "/var/lib/dbus/machine-id")) || (await readAttribute(system, "/etc/machine-id"));
  return text?.split("\n")[0] || undefined;
}

async function observeDistribution(system: System) {
  const text = (await readAttribute(system, "/etc/os-release")) ?? (await readAttribute(system, "/usr/lib/os-release"));
  const release = parseOsRelease(text ?? "");
  const file = versionFiles[release.ID ?? ""];
  return distributionOf(release, file === undefined ? undefined : await readAttribute(system, file));
}

async function withMtu<T extends { interface: string }>(system: System, route: T | undefined) {
  if (route === undefined) return undefined;
  const mtu = await readAttribute(system, `/sys/class/net/${route.interface}/mtu`);
  return { ...route, ...(mtu === undefined ? {} : { mtu: Number(mtu) }) };
}

/**
 * The name with its domain, as gethostbyaddr(3) finds it in /etc/hosts: of the first line with the address that the host's
 * own name has there. No resolver is asked.
 */
export function fullName(hostname: string, hosts: string): string {
  const rows = hosts.split("\n").map((line) => (line.split("#", 1)[0] ?? "").trim().split(/\s+/));
  const address = rows.find(([, ...names]) => names.includes(hostname))?.[0];
  const [, ...names] = rows.find(([each]) => address !== undefined && each === address) ?? [];
  return names.find((name) => name.includes(".")) ?? names[0] ?? hostname;
}
