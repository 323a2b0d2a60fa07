import * as z from "zod";
import { CallId, type NodeId } from "../../shared/protocol/ids.ts";
import { Done } from "../../shared/protocol/reply.ts";
import { emptySpec, Spec } from "../../shared/protocol/spec.ts";
import type { OwnedKey } from "../engine/step.ts";
import type { Pin } from "../kinds/kind.ts";

/** One value that lasts: read once at start, written whole. */
export interface Cell<T> {
  get(): T;
  /** Resolves when it would survive a power cut. */
  set(value: T): Promise<void>;
}

/** What a node must not forget. */
export interface Store {
  spec: Cell<Spec>;
  owned: Cell<readonly OwnedKey[]>;
  pins: Cell<Readonly<Record<string, Pin>>>;
  /** Values by `<secret>@<version>`; 0600 on disk. */
  secrets: Cell<Readonly<Record<string, string>>>;
  journal: Cell<readonly JournalEntry[]>;
  /** Of the last report, so that the numbers go on after a restart. */
  sequence: Cell<number>;
}

/** An order with effect: written before it begins, and again with its answer. */
export const JournalEntry = z.object({
  id: CallId,
  /** SHA-256 of the canonical body: the same id with another body is refused. */
  digest: z.string(),
  /** The kernel's boot id at its beginning; missing from older entries. */
  bootId: z.string().optional(),
  done: Done.optional(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

const text = z.string().optional();

/** The schema and the first value of every cell. */
export function cells(node: NodeId) {
  return {
    spec: { schema: Spec, empty: emptySpec(node), mode: 0o600 },
    owned: { schema: z.array(z.string()), empty: [] as string[], mode: 0o600 },
    pins: {
      schema: z.record(
        z.string(),
        z.object({ device: text, wwid: text, serial: text, size: z.number().optional(), uuid: text, nguid: text }),
      ),
      empty: {},
      mode: 0o600,
    },
    secrets: { schema: z.record(z.string(), z.string()), empty: {}, mode: 0o600 },
    journal: { schema: z.array(JournalEntry), empty: [] as JournalEntry[], mode: 0o600 },
    sequence: { schema: z.number(), empty: 0, mode: 0o600 },
  } as const;
}
