import type { Drive } from "../drives.ts";
import { type Directory, type Entry, fixed, lazily, line, link } from "../files/entry.ts";
import { type Head, noId, type Path } from "../host/subsystem.ts";
import type { Uses } from "../uses.ts";
import type { Kernel } from "../versions.ts";
import type { VirtualDisk } from "../virtual-disks.ts";

const sector = 512;
/** Major number of NVMe namespaces' disks (block extended). */
const blockMajor = 259;

interface BlockFacts {
  name: string;
  /** `major:minor`. */
  dev: string;
  bytes: number;
  readOnly: boolean;
}

interface NamespaceFacts extends Omit<BlockFacts, "dev"> {
  hidden: boolean;
  nsid: number;
  wwid: string;
  uuid?: string;
  nguid?: string;
  /** Where the `device` link leads. */
  device: string;
  /** On the path's disk only. */
  ana?: { state: string; group: number };
}

/** What every disk has. */
function blockFiles({ name, dev, bytes, readOnly }: BlockFacts, uses: Uses): Record<string, Entry> {
  const [major, minor] = dev.split(":");
  return {
    dev: line(() => dev),
    diskseq: line(() => Number(minor) + 1),
    holders: fixed(Object.fromEntries(uses.of(name).holders.map((by) => [by, link(`../../../../block/${by}`)]))),
    inflight: line(() => "       0        0"),
    queue: fixed({
      logical_block_size: line(() => sector),
      physical_block_size: line(() => sector),
      rotational: line(() => 0),
    }),
    range: line(() => 0),
    removable: line(() => 0),
    ro: line(() => (readOnly ? 1 : 0)),
    size: line(() => Math.floor(bytes / sector)),
    slaves: fixed({}),
    stat: line(() => new Array(17).fill("       0").join(" ")),
    uevent: line(() => `MAJOR=${major}\nMINOR=${minor}\nDEVNAME=${name}\nDEVTYPE=disk`),
  };
}

function namespaceDirectory(facts: NamespaceFacts, kernel: Kernel, uses: Uses): Directory {
  const { uuid, nguid, ana } = facts;
  const shown = (id: string | undefined) => (id === undefined || id === noId ? undefined : line(() => id));
  const number = Number(facts.name.replace(/\D+/g, "")) % 1_000_000;
  return lazily(() => {
    const { dev, ...files } = blockFiles({ ...facts, dev: `${blockMajor}:${number}` }, uses);
    return {
      ...files,
      ana_grpid: ana && line(() => ana.group),
      ana_state: ana && line(() => ana.state),
      csi: kernel.does.namespaceFormat ? line(() => 0) : undefined,
      dev: facts.hidden ? undefined : dev,
      device: link(facts.device),
      hidden: line(() => (facts.hidden ? 1 : 0)),
      metadata_bytes: kernel.does.namespaceFormat ? line(() => 0) : undefined,
      // The kernel hides the uuid file where there is neither id, and the nguid file where that is zero.
      nguid: shown(nguid),
      nsid: line(() => facts.nsid),
      uuid: shown(uuid) ?? shown(nguid),
      wwid: line(() => facts.wwid),
    };
  });
}

/** A disk without hardware, as a RAM disk or a loop device. */
export function virtualBlock(disk: VirtualDisk, uses: Uses): Directory {
  const { name, numbers, readOnly, file } = disk;
  const facts = { name, dev: `${numbers.major}:${numbers.minor}`, bytes: disk.size(), readOnly };
  return lazily(() => ({
    ...blockFiles(facts, uses),
    hidden: line(() => 0),
    loop: file && fixed({ backing_file: line(() => file.path) }),
  }));
}

export function driveBlock(drive: Drive, kernel: Kernel, uses: Uses): Directory {
  const facts = {
    name: drive.name,
    bytes: drive.bytes,
    readOnly: drive.readOnly,
    hidden: false,
    nsid: 1,
    wwid: drive.wwid,
    device: `../../${drive.controller}`,
  };
  return namespaceDirectory(facts, kernel, uses);
}

/** The disk that people use. */
export function headBlock(name: string, head: Head, subsystem: HeadOwner, kernel: Kernel, uses: Uses): Directory {
  const facts = { ...namespaceFacts(name, head, subsystem), device: `../../nvme-subsys${subsystem.instance}` };
  return namespaceDirectory({ ...facts, bytes: head.size, hidden: false }, kernel, uses);
}

/** The hidden disk of one path. */
export function pathBlock(name: string, head: Head, path: Path, subsystem: HeadOwner, kernel: Kernel, uses: Uses) {
  const { view, controller } = path;
  const ana = { state: view.anaState, group: view.anaGroup };
  const facts = { ...namespaceFacts(name, head, subsystem), device: `../../${controller.name}` };
  return namespaceDirectory({ ...facts, bytes: view.size, hidden: true, ana }, kernel, uses);
}

export interface HeadOwner {
  instance: number;
  serial: string;
  model: string;
}

function namespaceFacts(name: string, head: Head, owner: HeadOwner) {
  return { name, readOnly: false, nsid: head.nsid, wwid: wwidOf(head, owner), uuid: head.uuid, nguid: head.nguid };
}

export function wwidOf({ uuid, nguid, nsid }: Head, { serial, model }: HeadOwner): string {
  if (uuid !== noId) return `uuid.${uuid}`;
  if (nguid !== noId) return `eui.${nguid.replaceAll("-", "")}`;
  const hex = (text: string) => Buffer.from(text.trimEnd()).toString("hex");
  return `nvme.0000-${hex(serial)}-${hex(model)}-${nsid.toString(16).padStart(8, "0")}`;
}
