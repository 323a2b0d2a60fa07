import { type Clock, deadlineIn } from "../../../../shared/clock.ts";
import { nodeOf } from "../../../observe/block.ts";
import { normalModuleName } from "../../../observe/modules.ts";
import { parseMountinfo, parseSwaps } from "../../../observe/mountinfo.ts";
import { nvmetRoot } from "../../../observe/nvmet.ts";
import { observe } from "../../../observe/observe.ts";
import type { Attributes, Seen, Session } from "../../../observe/observed.ts";
import { commOf, type OpenFiles, readOpenFiles } from "../../../observe/open-files.ts";
import { observeRdmaSessions } from "../../../observe/rdma-sessions.ts";
import { parseSockets, type SocketRow } from "../../../observe/sockets.ts";
import { readAttribute, readAttributes } from "../../../observe/tolerant.ts";
import { type System, SystemError } from "../../system.ts";
import { captureDisks, capturePath } from "./capture-disks.ts";
import { type CapturedFabrics, captureFabrics } from "./capture-fabrics.ts";
import { type CapturedEntries, Collector } from "./collector.ts";

/** A text of the kernel's, undefined where there is no such file, or the errno that kept it from being read. */
export type CapturedText = { text: string | undefined } | { errno: string };

/**
 * A node as it was at one moment, as data: everything that the agent's observations, guards, facts and actions read. Keys are
 * {@link Secret}s.
 */
export interface Snapshot {
  hostname: string;
  bootId: string;
  seen: Found;
  /** modules.dep and modules.builtin of the running kernel; undefined where there is no such file. */
  moduleFiles: { dep: string | undefined; builtin: string | undefined };
  mountinfo: CapturedText;
  swaps: CapturedText;
  /** What every process has open; or the errno that kept all of them from being read. */
  open: OpenFiles | { errno: string };
  /** The names of the programs that have something open, by process. */
  programs: Readonly<Record<number, string>>;
  /** Disks that could not be opened exclusively, by kernel name, with the errno. */
  claims: Readonly<Record<string, string>>;
  nvmet: {
    discoveryNqn: string | undefined;
    /** passthru/ of each subsystem that has it. */
    passthru: Readonly<Record<string, Attributes>>;
    /** Established connections to nvmet's TCP ports. */
    sessions: readonly SocketRow[];
    /** Those to its RDMA ports; undefined where they could not be seen. */
    rdmaSessions: readonly Session[] | undefined;
  };
  fabrics: CapturedFabrics;
  /** Whether it has RDMA devices. */
  rdma: boolean;
  /** Files and directories that stay what they are, by path. */
  entries: CapturedEntries;
}

/** Of a node, what its shadow is made of. */
export const shadowSections = [
  "kernel",
  "parameters",
  "host",
  "addresses",
  "drives",
  "sizes",
  "nvmet",
  "listeners",
  "fabrics",
] as const;
/** Of connections only those to nvmet are taken, below. */
type Found = Seen<(typeof shadowSections)[number]>;
const established = "01";
/** What the look at RDMA's connections may take. */
const rdmaMillis = 5000;

/**
 * Reads a node once. Nothing is written or changed; block devices are opened exclusively for a moment, as every look at their use
 * does. Rejects with a SystemError where an observation would.
 * @param paths further files and devices that somebody is going to name.
 */
export async function captureNode(system: System, clock: Clock, paths: readonly string[] = []): Promise<Snapshot> {
  const collector = new Collector(system);
  const [seen, hostname, bootId, mountinfo, swaps, open] = await Promise.all([
    observe(system, shadowSections),
    system.hostname(),
    readAttribute(system, "/proc/sys/kernel/random/boot_id"),
    textOf(collector, "/proc/self/mountinfo"),
    textOf(collector, "/proc/swaps"),
    openFiles(system),
  ]);
  const { subsystems } = seen.fabrics;
  const [dep, builtin, nvmet, fabrics, rdma] = await Promise.all([
    readText(collector, `/lib/modules/${seen.kernel.release}/modules.dep`),
    readText(collector, `/lib/modules/${seen.kernel.release}/modules.builtin`),
    captureNvmet(system, clock, seen),
    captureFabrics(collector, subsystems),
    collector.list("/sys/class/infiniband"),
    captureDisks(collector, {
      subsystems: new Set(subsystems.map(({ name }) => name)),
      controllers: new Set(subsystems.flatMap(({ controllers }) => controllers.map(({ name }) => name))),
    }),
    captureIdentity(collector),
  ]);
  const named = [...paths, ...namedDevices(seen, nvmet.passthru), ...sourcesIn(mountinfo, swaps)];
  for (const path of new Set(named)) await capturePath(collector, path);
  return {
    hostname,
    bootId: bootId ?? "",
    seen,
    moduleFiles: { dep, builtin },
    mountinfo,
    swaps,
    open,
    programs: await readPrograms(system, open),
    claims: await captureClaims(collector, seen),
    nvmet,
    fabrics,
    rdma: rdma.length > 0,
    entries: collector.entries,
  };
}

/** Of modules.dep, a file and those that it needs: `kernel/…/nvme.ko.xz: kernel/…/nvme-core.ko.xz`. */
const moduleFile = /([^\s/:]+)\.ko(?:\.(?:gz|xz|zst))?(?=[\s:]|$)/g;

/** Names in modules.dep with those that each needs, normalised: thousands, and nobody is answered meanwhile. */
export function parseDependencies(text: string): Map<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [name, ...needs] = Array.from(line.matchAll(moduleFile), ([, each = ""]) => normalModuleName(each));
    if (name !== undefined) dependencies.set(name, needs);
  }
  return dependencies;
}

async function readText(collector: Collector, path: string): Promise<string | undefined> {
  const text = await collector.attempt(collector.system.read(path));
  return typeof text === "string" ? text : undefined;
}

async function textOf(collector: Collector, path: string): Promise<CapturedText> {
  const text = await collector.attempt(collector.system.read(path));
  return typeof text === "object" ? text : { text };
}

async function openFiles(system: System): Promise<Snapshot["open"]> {
  try {
    return await readOpenFiles(system);
  } catch (error) {
    if (error instanceof SystemError) return { errno: error.errno };
    throw error;
  }
}

async function readPrograms(system: System, open: Snapshot["open"]): Promise<Record<number, string>> {
  const pids = "files" in open ? [...new Set(open.files.map(({ pid }) => pid))] : [];
  return Object.fromEntries(await Promise.all(pids.map(async (pid) => [pid, await commOf(system, pid)] as const)));
}

async function captureNvmet(system: System, clock: Clock, { nvmet }: Found): Promise<Snapshot["nvmet"]> {
  const overRdma = nvmet.ports.some(({ attributes, links }) => attributes.addr_trtype === "rdma" && links.length > 0);
  const [discoveryNqn, rdmaSessions, tables, passthru] = await Promise.all([
    readAttribute(system, `${nvmetRoot}/discovery_nqn`),
    overRdma ? observeRdmaSessions(system, deadlineIn(clock, rdmaMillis)) : [],
    Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => system.read(path).catch(() => ""))),
    Promise.all(
      nvmet.subsystems.map(async ({ nqn }): Promise<[string, Attributes]> => {
        const directory = `${nvmetRoot}/subsystems/${nqn}/passthru`;
        const names = ["device_path", "enable", "admin_timeout", "io_timeout", "clear_ids"];
        return [nqn, await readAttributes(system, directory, names)];
      }),
    ),
  ]);
  const ports = new Set(nvmet.ports.map(({ attributes }) => Number(attributes.addr_trsvcid)));
  const sessions = tables
    .flatMap(parseSockets)
    .filter(({ state, local }) => state === established && ports.has(local.port));
  return {
    discoveryNqn,
    sessions,
    rdmaSessions,
    passthru: Object.fromEntries(passthru.filter(([, attributes]) => Object.keys(attributes).length > 0)),
  };
}

/** The only files on a disk that kinds read and write. */
async function captureIdentity(collector: Collector): Promise<void> {
  for (const path of ["/etc/nvme/hostnqn", "/etc/nvme/hostid"]) {
    await collector.file(path);
    const found = collector.entries[path];
    if (found?.kind === "file" && "text" in found) collector.put(path, { kind: "plain", content: found.text });
  }
}

function namedDevices({ nvmet }: Found, passthru: Snapshot["nvmet"]["passthru"]): string[] {
  const namespaces = nvmet.subsystems.flatMap((subsystem) =>
    subsystem.namespaces.map(({ attributes }) => attributes.device_path ?? ""),
  );
  return [...namespaces, ...Object.values(passthru).map(({ device_path }) => device_path ?? "")];
}

/** Mounts and swap are compared with devices by their resolved paths. */
function sourcesIn(mountinfo: CapturedText, swaps: CapturedText): string[] {
  const mounts = "text" in mountinfo ? parseMountinfo(mountinfo.text ?? "").map(({ source }) => source) : [];
  return [...mounts, ...("text" in swaps ? parseSwaps(swaps.text ?? "") : [])].filter((path) => path.startsWith("/"));
}

/** One after the other: two at once, of a disk and its partition, would take each other for a user of it. */
async function captureClaims(collector: Collector, { fabrics }: Found): Promise<Record<string, string>> {
  const claims: Record<string, string> = {};
  const known = Object.entries(collector.entries).flatMap(([path, entry]) =>
    entry.kind === "block" ? [{ path, name: entry.name }] : [],
  );
  const heads = fabrics.subsystems.flatMap(({ namespaces }) =>
    namespaces.map(({ name }) => ({ path: nodeOf(name), name })),
  );
  for (const { path, name } of [...known, ...heads]) {
    try {
      await collector.system.openExclusive(path);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      claims[name] = error.errno;
    }
  }
  return claims;
}
