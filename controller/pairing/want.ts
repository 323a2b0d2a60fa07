import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Volume, Why } from "./volume.ts";

/** A volume that a pair play asks for, for one holder: an initiator, or all that share it. */
export interface Want {
  /** Names it for ever within the fleet: `db07/data`, or `share:quorum`. */
  volume: string;
  /** The only initiator, which must not get its own drive unless `local`; undefined for one that is shared. */
  initiator: NodeId | undefined;
  /** Bytes, at least. */
  size: number;
  /** Nodes that may export it. The same array for all wants that have the same: an index is made of each. */
  targets: readonly NodeId[];
  /** Volumes of one initiator lie on targets that differ in this variable. */
  spread: string | undefined;
  /** Whether a node may get its own drive. */
  local: boolean;
  /** shared: its drive must be seen by two or more of the targets. replicated: each target has `device`, and says it is one. */
  backing: Volume["backing"];
  /** Of what is replicated: the target that initiators should prefer. */
  optimized?: string | undefined;
  /** A drive by any of its names, for which alone it asks; or a file or another block device of its only target. */
  device: string | undefined;
  /** Devices in use that it may have all the same, by any of their names. */
  override: readonly string[];
}

/** Why a drive is not free. What is `use` takes an override; the rest only that the drive is asked for by name. */
export interface Obstacle {
  is: "use" | "signature" | "dirty" | "pool" | "read_only";
  says: string;
}

/** A drive as one target has it. */
export interface Drive {
  /** The same wherever it is seen: its wwid. */
  id: string;
  /** The name that lasts, below /dev/disk/by-id where it has one there. */
  device: string;
  /** Every path that it goes by, `device` among them. */
  names: readonly string[];
  /** Bytes. */
  size: number;
  /** Empty: it is free. */
  obstacles: readonly Obstacle[];
}

/** A node that may export. */
export interface Target {
  node: NodeId;
  drives: readonly Drive[];
  /** Variables that `spread` may name, as texts. */
  variables: Readonly<Record<string, string>>;
}

/** Where a volume lies. */
export interface Allocation {
  volume: string;
  /** The drive's. */
  id: string;
  /** Bytes of the drive. */
  size: number;
  /** One, or each target that sees the drive, by name; of what is replicated the optimized one first. */
  legs: readonly { target: NodeId; device: string }[];
  why: Why;
}

/** A want that nothing was found for. */
export interface Unmet {
  volume: string;
  /** What is in the way, in a sentence. */
  reason: string;
  hint: string;
}

export function unmetBy({ volume }: Want, reason: string, hint: string): Unmet {
  return { volume, reason, hint };
}
