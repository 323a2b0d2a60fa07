import { FlashfleetError, fromErrorData } from "../../shared/errors.ts";
import type { KindDefinition } from "../../shared/modules/kind.ts";
import { type KindName, kinds } from "../../shared/modules/kinds/kinds.ts";
import { mergeResource } from "../../shared/modules/merge.ts";
import { applyEdit, settle } from "../../shared/protocol/edit.ts";
import { CallId, type NodeId } from "../../shared/protocol/ids.ts";
import type { JsonRecord } from "../../shared/protocol/json.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import { type Edit, type Entry, emptySpec, Spec } from "../../shared/protocol/spec.ts";
import type { Bucket } from "../store/bucket.ts";
import type { Fleet } from "./fleet.ts";

/** What a task says of one resource, after its templates; secrets are references. */
export interface Change {
  kind: KindName;
  /** Of the spec's entry. */
  key: string;
  resource: JsonRecord & { state: "present" | "absent" };
  owner: string;
  /** The resource is the whole: nothing of what the spec has is kept. */
  exact?: true;
}

/** What an edit says, given the spec that it is made on. */
export type Changes = (spec: Spec) => readonly Change[] | Promise<readonly Change[]>;

/** What a check has made of nodes' specs so far, and the generation that its agent has then. */
export type Drafts = Map<NodeId, { spec: Spec; has: number }>;

const importMillis = 10_000;
/** A node that was edited by another controller, or lost its disk, makes the edit stale: once more with what it has. */
const attempts = 3;

/**
 * The specs of all nodes: nobody else authors them. Kept in the bucket as a projection of what the nodes have; where a node
 * has a newer one, that counts.
 */
export class Specs {
  readonly #bucket: Bucket<Spec>;
  readonly #fleet: Fleet;
  /** Whether there is a volume of that name: the entries of one that was given up are anybody's. */
  readonly #isVolume: (name: string) => boolean;
  readonly #known = new Map<NodeId, { spec: Spec; revision: number }>();
  readonly #lines: Lines = new Map();
  readonly #draftLines: Lines = new Map();

  constructor(bucket: Bucket<Spec>, fleet: Fleet, isVolume: (name: string) => boolean = () => true) {
    this.#bucket = bucket;
    this.#fleet = fleet;
    this.#isVolume = isVolume;
  }

  /** Makes the edit, has it sent, and keeps what it came to. Edits of one node go one after the other. */
  change(node: NodeId, changes: Changes, send: (edit: Edit, attempt: number) => Promise<Done>): Promise<Done> {
    return inLine(this.#lines, node, async () => {
      for (let attempt = 0; ; attempt++) {
        const { spec, revision } = await this.#current(node);
        const has = this.#fleet.find(node)?.generation ?? spec.generation;
        const edit = makeEdit(spec, has, this.#allowed(spec, await changes(spec)));
        const done = await send(edit, attempt);
        if (done.error?.code === "call_refused" && attempt + 1 < attempts) continue;
        if (done.outcome === "ok" || done.outcome === "changed") await this.#keep(node, spec, edit, done, revision);
        return done;
      }
    });
  }

  /** As {@link change}, in a check: on top of what the check's tasks before it came to. Nothing of it is kept. */
  draft(
    node: NodeId,
    changes: Changes,
    drafts: Drafts,
    send: (edit: Edit, attempt: number, spec: Spec) => Promise<Done>,
  ): Promise<Done> {
    return inLine(this.#draftLines, node, async () => {
      for (let attempt = 0; ; attempt++) {
        const { spec, has } = drafts.get(node) ?? (await this.#draftOf(node));
        const edit = makeEdit(spec, has, this.#allowed(spec, await changes(spec)));
        const done = await send(edit, attempt, spec);
        const reached = done.outcome === "ok" || done.outcome === "changed";
        const settled = reached && done.generation === edit.generation ? settle(applyEdit(spec, edit), edit) : spec;
        drafts.set(node, { spec: settled, has: done.generation });
        // Its agent began anew, or has forgotten this check among others: it is given all that the check made so far.
        if (done.error?.code === "call_refused" && attempt + 1 < attempts) continue;
        return done;
      }
    });
  }

  /** As it is kept: a node may have another one by now. Throws `store_failed`. */
  async kept(node: NodeId): Promise<Spec> {
    const known = this.#known.get(node);
    if (known !== undefined) return known.spec;
    const found = await this.#bucket.get(node);
    return found?.value ?? emptySpec(node);
  }

  /** Throws `plan_refused` where an entry belongs to a volume that is there, and the change does not. */
  #allowed(spec: Spec, changes: readonly Change[]): readonly Change[] {
    for (const { key, owner } of changes) {
      const has = spec.entries[key]?.owner ?? owner;
      const volume = has === owner ? undefined : volumeOf(has);
      if (volume === undefined || !this.#isVolume(volume)) continue;
      throw new FlashfleetError("plan_refused", `cannot change ${key}: it belongs to the volume ${volume}`, {
        hint: "what a pair play made is changed by its pair play alone",
      });
    }
    return changes;
  }

  async #draftOf(node: NodeId): Promise<{ spec: Spec; has: number }> {
    const { spec } = await this.#current(node);
    return { spec, has: this.#fleet.find(node)?.generation ?? spec.generation };
  }

  async #current(node: NodeId): Promise<{ spec: Spec; revision: number }> {
    const kept = this.#known.get(node) ?? (await this.#load(node));
    const has = this.#fleet.find(node)?.generation ?? 0;
    if (has <= kept.spec.generation) return kept;
    // The highest generation wins, wherever it lies: this controller was restored from an older disk.
    const imported = { spec: await this.#import(node), revision: kept.revision };
    this.#known.set(node, imported);
    return imported;
  }

  async #load(node: NodeId): Promise<{ spec: Spec; revision: number }> {
    const found = await this.#bucket.get(node);
    const kept = { spec: found?.value ?? emptySpec(node), revision: found?.revision ?? 0 };
    this.#known.set(node, kept);
    return kept;
  }

  async #import(node: NodeId): Promise<Spec> {
    const done = await this.#fleet.call({
      to: node,
      id: CallId.parse(`spec_${node}_${crypto.randomUUID()}`),
      body: { do: "spec" },
      deadline: this.#fleet.deadlineIn(importMillis),
    });
    if (done.error !== undefined) throw fromErrorData(done.error);
    const parsed = Spec.safeParse(done.result);
    if (parsed.success) return parsed.data;
    throw new FlashfleetError("bad_message", `cannot read the spec of ${node}: ${parsed.error.issues[0]?.message}`, {
      hint: "its agent is newer than this controller: upgrade the controller first",
    });
  }

  async #keep(node: NodeId, spec: Spec, edit: Edit, done: Done, revision: number): Promise<void> {
    // The edit said what the node had already.
    if (done.generation !== edit.generation) return;
    const settled = settle(applyEdit(spec, edit), edit);
    this.#known.set(node, { spec: settled, revision });
    this.#known.set(node, { spec: settled, revision: await this.#bucket.put(node, settled, revision) });
  }
}

type Lines = Map<NodeId, Promise<unknown>>;

/** One after the other. */
function inLine<T>(lines: Lines, node: NodeId, work: () => Promise<T>): Promise<T> {
  const mine = (lines.get(node) ?? Promise.resolve()).then(work, work);
  lines.set(
    node,
    mine.catch(() => undefined),
  );
  return mine;
}

/** Everything that the node lacks goes with it, where its spec is older than ours: a node whose disk was replaced. */
function makeEdit(spec: Spec, has: number, changes: readonly Change[]): Edit {
  const set = Object.fromEntries(changes.map((change) => [change.key, editedEntry(spec.entries[change.key], change)]));
  const behind = has < spec.generation ? spec.entries : {};
  return { base: has, generation: Math.max(has, spec.generation) + 1, set: { ...behind, ...set } };
}

/** What an entry of a spec becomes. */
export function editedEntry(before: Entry | undefined, { kind, resource, owner, exact }: Change): Entry {
  const definition: KindDefinition = kinds[kind];
  const kept = before?.state === "present" && resource.state === "present" ? before.resource : undefined;
  const merged = exact === true ? resource : mergeResource(definition, kept, resource);
  return { kind, state: resource.state, resource: merged, owner };
}

/** As entries name the volume that they are of. */
export function volumeOwner(volume: string): string {
  return `volume ${volume}`;
}

/** The volume that an entry is of; undefined where it is of none. */
export function volumeOf(owner: string): string | undefined {
  return owner.startsWith("volume ") ? owner.slice("volume ".length) : undefined;
}
