import type { Cost } from "../../shared/protocol/cost.ts";
import type { Pin } from "../kinds/kind.ts";
import type { Op } from "../system/system.ts";

/**
 * The one order over all kinds (nvme-operations: what comes down goes initiator first, link before namespace before
 * subsystem; what comes up goes the other way round, and links a subsystem into its port last, back to back).
 */
export const phases = [
  "disconnect",
  "unlink",
  "disable namespace",
  "remove namespace",
  "revoke host",
  "remove subsystem",
  "remove port",
  "remove host",
  "unload module",
  "load module",
  "host identity",
  "create subsystem",
  "create host",
  "allow host",
  "create namespace",
  "enable namespace",
  "create port",
  "link",
  "connect",
  "tune",
] as const;
export type Phase = (typeof phases)[number];

/** Something of the kernel's that can be owned: `subsystem nqn.x`, `link 1 nqn.x`. */
export type OwnedKey = string;

/** What must still hold at the moment of the step; checked by the engine just before its first op. */
export type Guard =
  /** Nothing uses the block device or file. `identity`: and it is still the drive that the plan meant; `except`: the namespace that is to be enabled names it already. */
  | {
      guard: "free";
      device: string;
      identity?: { wwid: string; serial: string; size: number };
      except?: { nqn: string; nsid: number };
    }
  /** No host is connected there, for a port that exports nothing else. */
  | { guard: "no sessions"; transport: "tcp" | "rdma"; address: string; port: number }
  /** No fabrics controller uses this transport: unloading its module takes all of them along, under mounted disks too. */
  | { guard: "no controllers"; transport: string }
  /** Something listens there: a refused connect costs three seconds and blocks others (nvme-stas#298). */
  | { guard: "answers"; address: string; port: number };

export interface Step {
  /** The entry of the spec that it serves: `nvmet_port tcp 10.0.0.1:4420`. */
  resource: string;
  phase: Phase;
  /** For people, in the form "set addr_traddr to 10.0.0.1". No secrets. */
  says: string;
  cost: Cost;
  /** Recorded as ours before the first op. */
  creates?: readonly OwnedKey[];
  /** No longer recorded as ours after the last op. */
  removes?: readonly OwnedKey[];
  /** Recorded after the last op, where nothing that can be seen says that the step was done. */
  pins?: Readonly<Record<string, Pin>>;
  guards?: readonly Guard[];
  /** Where every TCP session that is established before the first op must be over after the last one. */
  ends?: readonly { address: string; port: number }[];
  ops: readonly Op[];
}
