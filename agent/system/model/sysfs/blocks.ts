import type { Drive } from "../drives.ts";
import { type Directory, fixed, line, link } from "../files/entry.ts";
import { type Head, noId, type Path } from "../host/subsystem.ts";
import type { Uses } from "../uses.ts";
import type { Kernel } from "../versions.ts";
import type { VirtualDisk } from "../virtual-disks.ts";
import { errorLog, powerDirectory } from "./common.ts";
import { partitionDirectories } from "./partitions.ts";
import { type Row, tabled } from "./tabled.ts";

const sector = 512;
/** Major number of NVMe namespaces' disks (block extended). */
const blockMajor = 259;

/** A disk, as its directory shows it. */
interface Shown {
  kernel: Kernel;
  uses: Uses;
  name: string;
  /** `major:minor`; a disk that is hidden has none. */
  dev: string | undefined;
  bytes: number;
  readOnly: boolean;
  /** Which of a namespace's disks it is; undefined for a disk of another kind. */
  namespace?: Namespace | undefined;
  backingFile?: string | undefined;
}

interface Namespace {
  /** What people use, a path that multipath hides, or what people use where there is no multipath. */
  role: "head" | "path" | "plain";
  nsid: number;
  wwid: string;
  uuid: string;
  nguid: string;
  /** Where the `device` link leads. */
  device: string;
  ana?: { state: string; group: number } | undefined;
  /** Names of the hidden disks below a head. */
  paths?: readonly string[] | undefined;
  policy: string;
  /** Whose flag passthru_err_log_enabled is. */
  log: { logsErrors?: boolean };
}

type BlockRow = Row<Shown>;

function shown(value: (of: Shown) => string | number): BlockRow["make"] {
  return (of) => line(() => value(of));
}

const always = (value: string | number): BlockRow["make"] => shown(() => value);
const ofNamespace =
  (value: (namespace: Namespace) => string | number): BlockRow["make"] =>
  ({ namespace }) =>
    line(() => (namespace === undefined ? "" : value(namespace)));

const isNamespace = ({ namespace }: Shown) => namespace !== undefined;
const isPath = ({ namespace }: Shown) => namespace?.role === "path";
const isHead = ({ namespace }: Shown) => namespace?.role === "head";
const hasAna = ({ namespace }: Shown) => namespace?.ana !== undefined;
const hasEvents = ({ kernel }: Shown) => kernel.does.blockEventFiles;
const hasFormat = (of: Shown) => isNamespace(of) && of.kernel.does.namespaceFormat;
const showsPaths = ({ kernel }: Shown) => kernel.does.multipathShown;

/** Attributes of block/genhd.c and drivers/nvme/host/sysfs.c, and what the driver core adds. */
const rows: Readonly<Record<string, BlockRow>> = {
  alignment_offset: { make: always(0) },
  ana_grpid: { when: hasAna, make: ofNamespace(({ ana }) => ana?.group ?? 0) },
  ana_state: { when: hasAna, make: ofNamespace(({ ana }) => ana?.state ?? "") },
  bdi: { when: ({ dev }) => dev !== undefined, make: ({ dev }) => link(`../../../bdi/${dev}`) },
  capability: { make: shown(({ dev }) => (dev === undefined ? "410" : "10")) },
  csi: { when: hasFormat, make: always(0) },
  delayed_removal_secs: { when: (of) => isHead(of) && showsPaths(of), make: always(0) },
  dev: { when: ({ dev }) => dev !== undefined, make: shown(({ dev }) => dev ?? "") },
  device: { when: isNamespace, make: ({ namespace }) => link(namespace?.device ?? "") },
  diag: { when: (of) => (isHead(of) || isPath(of)) && of.kernel.does.diagnostics, make: diagnostics },
  discard_alignment: { make: always(0) },
  diskseq: { when: ({ kernel }) => kernel.does.diskSequence, make: shown(({ name }) => minorOf(name) + 1) },
  events: { when: hasEvents, make: always("") },
  events_async: { when: hasEvents, make: always("") },
  events_poll_msecs: { when: hasEvents, make: always(-1) },
  ext_range: { make: always(256) },
  hidden: { make: shown(({ namespace }) => (namespace?.role === "path" ? 1 : 0)) },
  holders: { make: holders },
  inflight: { make: always("       0        0") },
  integrity: { when: isNamespace, make: integrity },
  lightnvm: { when: (of) => isNamespace(of) && !of.kernel.does.blockEventFiles, make: () => fixed({}) },
  loop: { when: ({ backingFile }) => backingFile !== undefined, make: backing },
  metadata_bytes: { when: hasFormat, make: always(0) },
  mq: { when: (of) => !isHead(of), make: () => fixed({ "0": fixed({}) }) },
  multipath: { when: (of) => isHead(of) && showsPaths(of), make: pathLinks },
  // The kernel hides the uuid file where there is neither id, and the nguid file where that is zero.
  nguid: { when: ({ namespace }) => isGiven(namespace?.nguid), make: ofNamespace(({ nguid }) => nguid) },
  // As a signed number (nsid_show): 4294967294 is -2.
  nsid: { when: isNamespace, make: ofNamespace(({ nsid }) => nsid | 0) },
  numa_nodes: { when: (of) => isPath(of) && showsPaths(of), make: onlyUnder("numa", "0") },
  nuse: { when: hasFormat, make: shown(sectors) },
  partscan: { when: ({ kernel }) => kernel.does.partitionScanShown, make: shown(({ dev }) => (dev ? 1 : 0)) },
  passthru_err_log_enabled: {
    when: (of) => isNamespace(of) && of.kernel.does.passthruErrorLog,
    make: ({ namespace, kernel }) => errorLog(namespace?.log ?? {}, kernel),
  },
  power: { make: powerDirectory },
  queue: { make: queue },
  queue_depth: { when: (of) => isPath(of) && showsPaths(of), make: onlyUnder("queue-depth", "0") },
  range: { make: always(0) },
  removable: { make: always(0) },
  ro: { make: shown(({ readOnly }) => (readOnly ? 1 : 0)) },
  size: { make: shown(sectors) },
  slaves: { make: () => fixed({}) },
  stat: { make: always(new Array(17).fill("       0").join(" ")) },
  subsystem: { make: () => link("../../../../../class/block") },
  trace: { make: () => fixed({ enable: line(() => 0) }) },
  uevent: { make: shown(uevent) },
  uuid: {
    when: ({ namespace }) => isGiven(namespace?.uuid) || isGiven(namespace?.nguid),
    make: ofNamespace(({ uuid, nguid }) => (isGiven(uuid) ? uuid : nguid)),
  },
  wwid: { when: isNamespace, make: ofNamespace(({ wwid }) => wwid) },
};

function isGiven(id: string | undefined): boolean {
  return id !== undefined && id !== noId;
}

function sectors({ bytes }: Shown): number {
  return Math.floor(bytes / sector);
}

function minorOf(name: string): number {
  return Number(name.replace(/\D+/g, "")) % 1_000_000;
}

function holders({ name, uses }: Shown): Directory {
  return fixed(Object.fromEntries(uses.of(name).holders.map((by) => [by, link(`../../../../block/${by}`)])));
}

function integrity(): Directory {
  const none = line(() => 0);
  return fixed({
    device_is_integrity_capable: none,
    format: line(() => "none"),
    protection_interval_bytes: none,
    read_verify: none,
    tag_size: none,
    write_generate: none,
  });
}

function backing({ backingFile }: Shown): Directory {
  return fixed({ backing_file: line(() => backingFile ?? "") });
}

function queue(): Directory {
  return fixed({
    logical_block_size: line(() => sector),
    physical_block_size: line(() => sector),
    rotational: line(() => 0),
  });
}

function diagnostics({ namespace }: Shown): Directory {
  const names =
    namespace?.role === "head"
      ? ["io_fail_no_available_path_count", "io_requeue_no_usable_path_count"]
      : ["command_error_count", "command_retries_count", "multipath_failover_count"];
  return fixed(Object.fromEntries(names.map((name) => [name, line(() => 0)])));
}

function pathLinks({ namespace }: Shown): Directory {
  const paths = namespace?.paths ?? [];
  return fixed(Object.fromEntries(paths.map((name) => [name, link(`../../../../../block/${name}`)])));
}

/** What a path says under one iopolicy, and nothing under the others. */
function onlyUnder(policy: string, value: string): BlockRow["make"] {
  return ({ namespace }) => ({ kind: "file", read: () => (namespace?.policy === policy ? `${value}\n` : "") });
}

function uevent({ dev, name }: Shown): string {
  const [major, minor] = dev?.split(":") ?? [];
  const numbers = dev === undefined ? "" : `MAJOR=${major}\nMINOR=${minor}\n`;
  return `${numbers}DEVNAME=${name}\nDEVTYPE=disk`;
}

function namespaceDisk(kernel: Kernel, uses: Uses, name: string, bytes: number, namespace: Namespace): Shown {
  const dev = namespace.role === "path" ? undefined : `${blockMajor}:${minorOf(name)}`;
  return { kernel, uses, name, dev, bytes, readOnly: false, namespace };
}

/** A disk without hardware, as a RAM disk or a loop device. */
export function virtualBlock(disk: VirtualDisk, kernel: Kernel, uses: Uses): Directory {
  const { name, numbers, readOnly, file } = disk;
  const dev = `${numbers.major}:${numbers.minor}`;
  return tabled(rows, { kernel, uses, name, dev, bytes: disk.size(), readOnly, backingFile: file?.path });
}

export function driveBlock(drive: Drive, kernel: Kernel, uses: Uses): Directory {
  const { name, wwid, bytes, readOnly, controller } = drive;
  const device = `../../${controller}`;
  const namespace = { role: "plain", nsid: 1, wwid, uuid: noId, nguid: noId, device, policy: "numa", log: {} } as const;
  const disk = { ...namespaceDisk(kernel, uses, name, bytes, namespace), readOnly };
  return tabled(rows, disk, partitionDirectories(drive, uses));
}

/** The disk that people use. */
export function headBlock(name: string, head: Head, subsystem: HeadOwner, kernel: Kernel, uses: Uses): Directory {
  const paths = [...head.paths.keys()].map((controller) => subsystem.pathName(head, controller));
  const device = `../../nvme-subsys${subsystem.instance}`;
  const namespace = { role: "head", ...namespaceFacts(head, subsystem), device, paths } as const;
  return tabled(rows, namespaceDisk(kernel, uses, name, head.size, namespace));
}

/** The hidden disk of one path; without multipath the disk itself, of whose ANA group the host knows nothing. */
export function pathBlock(name: string, head: Head, path: Path, subsystem: HeadOwner, kernel: Kernel, uses: Uses) {
  const { view, controller } = path;
  const hidden = subsystem.multipath;
  const namespace: Namespace = {
    role: hidden ? "path" : "plain",
    ...namespaceFacts(head, subsystem),
    device: `../../${controller.name}`,
    ana: hidden ? { state: view.anaState, group: view.anaGroup } : undefined,
  };
  return tabled(rows, namespaceDisk(kernel, uses, name, view.size, namespace));
}

export interface HeadOwner {
  instance: number;
  serial: string;
  model: string;
  multipath: boolean;
  ioPolicy: string;
  pathName(head: Head, controller: Path["controller"]): string;
}

function namespaceFacts(head: Head, owner: HeadOwner) {
  const { nsid, uuid, nguid } = head;
  return { nsid, uuid, nguid, wwid: wwidOf(head, owner), policy: owner.ioPolicy, log: head };
}

export function wwidOf({ uuid, nguid, nsid }: Head, { serial, model }: Pick<HeadOwner, "serial" | "model">): string {
  if (uuid !== noId) return `uuid.${uuid}`;
  if (nguid !== noId) return `eui.${nguid.replaceAll("-", "")}`;
  const hex = (text: string) => Buffer.from(text.trimEnd()).toString("hex");
  return `nvme.0000-${hex(serial)}-${hex(model)}-${nsid.toString(16).padStart(8, "0")}`;
}
