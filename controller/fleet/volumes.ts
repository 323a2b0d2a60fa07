import { digest } from "../../shared/identity/digest.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { DirtyDrive, Volume } from "../pairing/volume.ts";
import type { Bucket, Kept } from "../store/bucket.ts";

interface Buckets {
  volumes: Bucket<Volume>;
  dirty: Bucket<DirtyDrive>;
}

const volumePrefix = "volume.";
const dirtyPrefix = "dirty.";

/**
 * The volumes of the fleet, and the drives that are left of removed ones: in memory, and in JetStream before anybody acts on them.
 * What is done to one volume is done one after the other.
 */
export class Volumes {
  readonly #buckets: Buckets | undefined;
  readonly #volumes: Map<string, Volume>;
  readonly #dirty: Map<string, DirtyDrive>;
  readonly #revisions: Map<string, number>;
  /** Names, by the nodes that have to do with them. */
  readonly #byNode = new Map<NodeId, Set<string>>();
  readonly #lines = new Map<string, Promise<unknown>>();

  private constructor(
    buckets: Buckets | undefined,
    kept: { volumes: Map<string, Volume>; dirty: Map<string, DirtyDrive>; revisions: Map<string, number> },
  ) {
    this.#buckets = buckets;
    this.#volumes = kept.volumes;
    this.#dirty = kept.dirty;
    this.#revisions = kept.revisions;
    for (const volume of this.#volumes.values()) this.#index(undefined, volume);
  }

  /** Reads all that is kept. Throws `store_failed`, and `bad_message` for what this version cannot read. */
  static async open(buckets: Buckets): Promise<Volumes> {
    const [volumes, dirty] = await Promise.all([buckets.volumes.all(volumePrefix), buckets.dirty.all(dirtyPrefix)]);
    const values = <T>(kept: ReadonlyMap<string, Kept<T>>, nameOf: (value: T) => string) =>
      new Map([...kept.values()].map(({ value }) => [nameOf(value), value]));
    return new Volumes(buckets, {
      volumes: values(volumes, ({ volume }) => volume),
      dirty: values(dirty, ({ drive }) => drive),
      revisions: new Map([...volumes, ...dirty].map(([key, { revision }]) => [key, revision])),
    });
  }

  /** By their names in the fleet. */
  get all(): ReadonlyMap<string, Volume> {
    return this.#volumes;
  }

  /** By the drives' identities. */
  get dirty(): ReadonlyMap<string, DirtyDrive> {
    return this.#dirty;
  }

  /** The same volumes, of which a check may make what it likes. */
  draft(): Volumes {
    return new Volumes(undefined, {
      volumes: new Map(this.#volumes),
      dirty: new Map(this.#dirty),
      revisions: new Map(),
    });
  }

  /** Those that an initiator has, or is to have. */
  ofInitiator(node: NodeId): Volume[] {
    return this.#of(node).filter(({ pairs }) => pairs.some(({ initiator }) => initiator === node));
  }

  /** Those that lie on a target. */
  onTarget(node: NodeId): Volume[] {
    return this.#of(node).filter(({ legs }) => legs.some(({ target }) => target === node));
  }

  #of(node: NodeId): Volume[] {
    return [...(this.#byNode.get(node) ?? [])].flatMap((name) => this.#volumes.get(name) ?? []);
  }

  /** Makes of a volume what `change` says, and gives that; undefined removes it. */
  update(name: string, change: (now: Volume | undefined) => Volume | undefined): Promise<Volume | undefined> {
    return this.#inLine(name, async () => {
      const now = this.#volumes.get(name);
      const next = change(now);
      if (next === now) return now;
      const key = `${volumePrefix}${name.replaceAll(":", "=")}`;
      if (next === undefined) {
        await this.#delete(this.#buckets?.volumes, key);
        this.#index(now, undefined);
        this.#volumes.delete(name);
      } else {
        await this.#put(this.#buckets?.volumes, key, next);
        this.#volumes.set(name, next);
        this.#index(now, next);
      }
      return next;
    });
  }

  /** A volume is gone, and its data is not. */
  async soil(drive: DirtyDrive): Promise<void> {
    await this.#put(this.#buckets?.dirty, dirtyKey(drive.drive), drive);
    this.#dirty.set(drive.drive, drive);
  }

  /** It was wiped. */
  async clean(drive: string): Promise<void> {
    if (!this.#dirty.has(drive)) return;
    await this.#delete(this.#buckets?.dirty, dirtyKey(drive));
    this.#dirty.delete(drive);
  }

  /** Does some work on a volume while nobody else does. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#inLine(`alone ${name}`, work);
  }

  #index(before: Volume | undefined, now: Volume | undefined): void {
    if (before !== undefined) for (const node of nodesOf(before)) this.#byNode.get(node)?.delete(before.volume);
    if (now === undefined) return;
    for (const node of nodesOf(now)) {
      const names = this.#byNode.get(node) ?? new Set();
      this.#byNode.set(node, names.add(now.volume));
    }
  }

  async #put<T>(bucket: Bucket<T> | undefined, key: string, value: T): Promise<void> {
    if (bucket === undefined) return;
    this.#revisions.set(key, await bucket.put(key, value, this.#revisions.get(key) ?? 0));
  }

  async #delete<T>(bucket: Bucket<T> | undefined, key: string): Promise<void> {
    const revision = this.#revisions.get(key);
    if (bucket === undefined || revision === undefined) return;
    await bucket.delete(key, revision);
    this.#revisions.delete(key);
  }

  #inLine<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#lines.get(name) ?? Promise.resolve()).then(work, work);
    const line = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#lines.set(name, line);
    void line.then(() => {
      if (this.#lines.get(name) === line) this.#lines.delete(name);
    });
    return mine;
  }
}

function nodesOf({ pairs, legs }: Volume): NodeId[] {
  return [...pairs.map(({ initiator }) => initiator), ...legs.map(({ target }) => target)];
}

function dirtyKey(drive: string): string {
  return `${dirtyPrefix}${digest(drive)}`;
}
