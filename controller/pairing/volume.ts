import * as z from "zod";
import { NodeId } from "../../shared/protocol/ids.ts";
import { JsonRecord } from "../../shared/protocol/json.ts";
import { Entry } from "../../shared/protocol/spec.ts";

/** A listener of a volume on one of its targets: a path of each of its initiators. */
export const VolumePort = z.object({
  /** Of the nvmet port. */
  id: z.int(),
  address: z.string(),
  service_id: z.string(),
  /** Other volumes of the target may be linked into it, too. */
  shared: z.literal(true).optional(),
  /** The path has moved to another one: it goes once every initiator has that. */
  leaving: z.literal(true).optional(),
});
export type VolumePort = z.infer<typeof VolumePort>;

/** One target's end of a volume. */
export const Leg = z.object({
  target: NodeId,
  /** A device or file there, by the name that lasts. */
  device: z.string(),
  /** The controller ids that it may give out, apart from those of the other legs: hosts see one subsystem. */
  cntlid: z.object({ min: z.int(), max: z.int() }),
  ports: z.array(VolumePort),
  /** Whether initiators should prefer it: all where the drive is one, one of them where it is replicated. */
  ana: z.enum(["optimized", "non-optimized"]),
});
export type Leg = z.infer<typeof Leg>;

/** What nodes had of a pair before it was touched, by node and entry of its spec; null: nothing. */
export const Before = z.record(NodeId, z.record(z.string(), Entry.nullable()));
export type Before = z.infer<typeof Before>;

/** A volume on one initiator. */
export const Pair = z.object({
  initiator: NodeId,
  /** Proven from both ends, once at least. */
  ready: z.boolean(),
  /** The initiator's, once it is known: targets let it in by that. */
  hostnqn: z.string().optional(),
  /** Of the keys that are in place at both ends. */
  keyVersion: z.int().optional(),
  /** It has left the ports that are leaving. */
  moved: z.literal(true).optional(),
  /**
   * What is under way, or was when an end went out of reach: then the pair is in doubt until a run brings it to an end, and `before`
   * is where an undo leads.
   */
  open: z
    .object({
      does: z.enum(["make", "end"]),
      before: Before,
      /** Why it stands still; left out while a run is at it. */
      doubt: z.string().optional(),
    })
    .optional(),
});
export type Pair = z.infer<typeof Pair>;

/** Why it lies on its drive: what `flashfleet volumes --explain` says. */
export const Why = z.discriminatedUnion("is", [
  z.object({ is: z.literal("kept") }),
  z.object({ is: z.literal("named") }),
  z.object({
    is: z.literal("smallest"),
    /** Volumes that its target had by then: no other target with a drive of this size had fewer. */
    load: z.int(),
  }),
  /** Another volume of the same play could only lie here before, and made room. */
  z.object({ is: z.literal("moved_over") }),
]);
export type Why = z.infer<typeof Why>;

export const authentications = ["none", "dhchap", "dhchap-bidirectional"] as const;
export const backings = ["single", "shared", "replicated"] as const;

/** A volume as the controller keeps it: what was given out once never changes. */
export const Volume = z.object({
  v: z.literal(1),
  /** Names it in the fleet: `db07/data`, `share:quorum`. */
  volume: z.string(),
  /** What it is called in its play: `data`. */
  name: z.string(),
  /** The drive's identity. */
  drive: z.string(),
  /** Bytes of the drive; of a file or logical volume those asked for. */
  size: z.int(),
  /** Bytes that its play asked for last; more than `size` where that was not proven yet. */
  asked: z.int().optional(),
  why: Why,
  /** When its drive was given to it: wall clock, Unix milliseconds. */
  at: z.number(),
  nqn: z.string(),
  nsid: z.int(),
  uuid: z.string(),
  nguid: z.string(),
  serial: z.string(),
  transport: z.enum(["tcp", "rdma"]),
  backing: z.enum(backings),
  authentication: z.enum(authentications),
  /** Of its DH-HMAC-CHAP keys: a higher one is another key. */
  keyVersion: z.int(),
  legs: z.array(Leg),
  /** Options of its connections. */
  connect: JsonRecord,
  pairs: z.array(Pair),
});
export type Volume = z.infer<typeof Volume>;

/** A drive that was a volume's, and was not wiped since: nobody gets it. */
export const DirtyDrive = z.object({
  drive: z.string(),
  volume: z.string(),
  legs: z.array(z.object({ target: NodeId, device: z.string() })),
  /** When the volume was removed: wall clock, Unix milliseconds. */
  at: z.number(),
});
export type DirtyDrive = z.infer<typeof DirtyDrive>;
