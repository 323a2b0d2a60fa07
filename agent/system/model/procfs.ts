import { type Directory, type Entry, fixed, lazily, link, merged, text } from "./files/entry.ts";
import { addressBytes } from "./ip.ts";
import type { KernelLog } from "./kernel-log.ts";
import type { Modules } from "./modules.ts";
import type { Network } from "./network.ts";
import type { Sysctls } from "./sysctls.ts";
import type { Uses } from "./uses.ts";
import type { Kernel } from "./versions.ts";

/** What /proc of a node is made from. */
export interface ProcSource {
  kernel: Kernel;
  hostname: string;
  bootId: string;
  log: KernelLog;
  modules: Modules;
  network: Network;
  sysctls: Sysctls;
  uses: Uses;
  readonly configfsMounted: boolean;
}

/** States of include/net/tcp_states.h. */
const listening = "0A";
const established = "01";
/** The first port that connections come from. */
const ephemeral = 32768;

/** Bytes as /proc/net/tcp prints them: 32-bit words in host order, here little-endian. */
function hexAddress(bytes: Uint8Array): string {
  let hex = "";
  for (let word = 0; word < bytes.length; word += 4) {
    hex += Buffer.from(bytes.subarray(word, word + 4))
      .reverse()
      .toString("hex")
      .toUpperCase();
  }
  return hex;
}

function sockets(network: Network, width: 4 | 16): string {
  const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  const end = (address: string, port: number) => {
    const bytes = addressBytes(address) ?? new Uint8Array(width);
    return `${hexAddress(bytes)}:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  };
  const all = [
    ...network.listeners.map(({ address, port }) => ({ local: address, port, remote: "", from: 0, state: listening })),
    ...network.established
      .filter(({ transport }) => transport === "tcp")
      .map((each, index) => ({ ...each, from: ephemeral + index, state: established })),
  ];
  const rows = all
    .filter(({ local }) => addressBytes(local)?.length === width)
    .map(({ local, port, remote, from, state }, index) => {
      const slot = String(index).padStart(4);
      return `${slot}: ${end(local, port)} ${end(remote, from)} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${10000 + index} 1 0 100 0 0 10 0`;
    });
  return [header, ...rows, ""].join("\n");
}

function mounts({
  uses,
  configfsMounted,
}: ProcSource): { device: string; at: string; type: string; options: string }[] {
  return [
    { device: "/dev/vda1", at: "/", type: "ext4", options: "rw,relatime" },
    { device: "proc", at: "/proc", type: "proc", options: "rw,nosuid,nodev,noexec,relatime" },
    { device: "sysfs", at: "/sys", type: "sysfs", options: "rw,nosuid,nodev,noexec,relatime" },
    ...(configfsMounted
      ? [{ device: "none", at: "/sys/kernel/config", type: "configfs", options: "rw,relatime" }]
      : []),
    ...uses.mounted.map(({ source, at, type, options }) => ({ device: source, at, type, options })),
  ];
}

function renderMounts(source: ProcSource): string {
  return mounts(source)
    .map(({ device, at, type, options }) => `${device} ${at} ${type} ${options} 0 0\n`)
    .join("");
}

function renderMountinfo(source: ProcSource): string {
  return mounts(source)
    .map((mount, index) => mountinfoLine(mount, 20 + index, index === 0 ? 1 : 20))
    .join("");
}

/** A line of /proc/self/mountinfo. */
export function mountinfoLine(
  { device, at, type, options }: { device: string; at: string; type: string; options: string },
  id: number,
  parent: number,
): string {
  return `${id} ${parent} 0:${id} / ${at} ${options} shared:${id - 19} - ${type} ${device} rw\n`;
}

function renderSwaps({ uses }: ProcSource): string {
  const rows = [...uses.devices()]
    .filter(([, { swap }]) => swap)
    .map(([device]) => `/dev/${device}                            partition\t1048572\t\t0\t\t-2\n`);
  return `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${rows.join("")}`;
}

function renderFilesystems({ modules }: ProcSource): string {
  const types = ["sysfs", "tmpfs", "proc", ...(modules.isLoaded("configfs") ? ["configfs"] : [])];
  return `${types.map((type) => `nodev\t${type}\n`).join("")}\text4\n`;
}

/** Of every model node: 4 GiB. */
const memoryKilobytes = 4 * 1024 ** 2;

const cpuinfo = [0, 1]
  .map((processor) =>
    [
      `processor\t: ${processor}`,
      "vendor_id\t: GenuineIntel",
      "model name\t: Model Processor",
      "physical id\t: 0",
      "siblings\t: 2",
      `core id\t\t: ${processor}`,
      "cpu cores\t: 2",
      "flags\t\t: fpu lm",
      "\n",
    ].join("\n"),
  )
  .join("");

/** One default route, over the first interface that is none of the loopback's: what lies behind it, the fabric knows. */
function routes({ network }: ProcSource): string {
  const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  const first = network.addresses.find(({ interface: name, family }) => name !== "lo" && family === "ipv4");
  return first === undefined
    ? header
    : `${header}${first.interface}\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n`;
}

/** The directory of a process that has devices open. */
function processes({ uses }: ProcSource): Record<string, Entry> {
  const open = new Map<number, { comm: string; devices: string[] }>();
  for (const [device, { openers }] of uses.devices()) {
    for (const { pid, comm } of openers) {
      const known = open.get(pid) ?? { comm, devices: [] };
      known.devices.push(device);
      open.set(pid, known);
    }
  }
  const entries: Record<string, Entry> = {};
  for (const [pid, { comm, devices }] of open) {
    entries[pid] = fixed({
      comm: text(() => `${comm}\n`),
      fd: fixed(
        Object.fromEntries(
          devices.map((device, index) => [String(index + 3), link(device.startsWith("/") ? device : `/dev/${device}`)]),
        ),
      ),
    });
  }
  return entries;
}

/** /proc */
export function procfs(source: ProcSource): Directory {
  return lazily(() => ({
    cpuinfo: text(() => cpuinfo),
    filesystems: text(() => renderFilesystems(source)),
    meminfo: text(() => `MemTotal:       ${memoryKilobytes} kB\nSwapTotal:      0 kB\n`),
    mounts: text(() => renderMounts(source)),
    net: fixed({
      route: text(() => routes(source)),
      tcp: text((caller) => sockets(caller?.network ?? source.network, 4)),
      tcp6: text((caller) => sockets(caller?.network ?? source.network, 16)),
    }),
    self: fixed({ mountinfo: text(() => renderMountinfo(source)), mounts: text(() => renderMounts(source)) }),
    swaps: text(() => renderSwaps(source)),
    sys: merged(
      fixed({
        kernel: fixed({
          arch: text(() => "x86_64\n"),
          hostname: text(() => `${source.hostname}\n`),
          osrelease: text(() => `${source.kernel.release}\n`),
          random: fixed({ boot_id: text(() => `${source.bootId}\n`) }),
          version: text(() => "#1 SMP PREEMPT_DYNAMIC\n"),
        }),
      }),
      source.sysctls.tree(),
    ),
    // The second number is how long its processors were idle, all together.
    uptime: text(() => `${source.log.uptime.toFixed(2)} ${source.log.uptime.toFixed(2)}\n`),
    ...processes(source),
  }));
}
