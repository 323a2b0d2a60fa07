import type { Drive } from "../drives.ts";
import { type Directory, fixed, line, link } from "../files/entry.ts";
import { type Partition, partitionName } from "../partitions.ts";
import type { Uses } from "../uses.ts";

const sector = 512;
/** Major number of extended block devices. */
const blockMajor = 259;
/** Minors of partitions lie behind those of disks here. */
const firstMinor = 500_000;
const mostPartitions = 256;

/** The directories of a drive's partitions, which lie in its own (block/partitions/core.c). */
export function partitionDirectories(drive: Drive, uses: Uses): Directory {
  const rows = drive.partitions.map((each) => [partitionName(drive.name, each), partitionDirectory(drive, each, uses)]);
  return fixed(Object.fromEntries(rows));
}

function partitionDirectory(drive: Drive, partition: Partition, uses: Uses): Directory {
  const { number, start, size } = partition;
  const name = partitionName(drive.name, partition);
  const minor = firstMinor + drive.instance * mostPartitions + number;
  const holders = uses.of(name).holders.map((by) => [by, link(`../../../../../../../virtual/block/${by}`)]);
  return fixed({
    alignment_offset: line(() => 0),
    dev: line(() => `${blockMajor}:${minor}`),
    holders: fixed(Object.fromEntries(holders)),
    partition: line(() => number),
    ro: line(() => (drive.readOnly ? 1 : 0)),
    size: line(() => size / sector),
    start: line(() => start / sector),
    subsystem: link("../../../../../../../../class/block"),
    uevent: line(() => `MAJOR=${blockMajor}\nMINOR=${minor}\nDEVNAME=${name}\nDEVTYPE=partition\nPARTN=${number}`),
  });
}
