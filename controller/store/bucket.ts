import { type KV, Kvm } from "@nats-io/kv";
import * as z from "zod";
import { check, decode } from "../../shared/bus/codec.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { canonicalJson } from "../../shared/protocol/canonical.ts";
import { isConflict, persist } from "./persist.ts";
import type { Store } from "./store.ts";

/** The buckets of flashfleet: what nodes should have, uploaded projects, volumes, everything else that controllers remember. */
export const buckets = {
  specs: "ff_specs",
  projects: "ff_projects",
  state: "ff_state",
  volumes: "ff_volumes",
} as const;
export type BucketName = (typeof buckets)[keyof typeof buckets];

/** A value, with the revision that the next write has to name. */
export interface Kept<T> {
  value: T;
  revision: number;
}

const Key = z
  .string()
  .regex(/^[-/_=.a-zA-Z0-9]{1,250}$/)
  .refine((key) => !/^\.|\.$|\.\./.test(key));

/** Gets at the values of one bucket, which share a schema. Several may look at one bucket, each at keys of its own. */
export async function openBucket<T>(store: Store, name: BucketName, schema: z.ZodType<T>): Promise<Bucket<T>> {
  const { streams, replicas } = store;
  // Direct reads may come from a replica that is behind: what is read decides what is written.
  const options = { history: 1, replicas, allow_direct: false };
  const kv = await persist(store, `open the bucket ${name}`, () => new Kvm(streams).create(name, options));
  return new Bucket(store, name, kv, schema);
}

/** Values by key, written only over the revision that was read. */
export class Bucket<T> {
  readonly #store: Store;
  readonly #name: BucketName;
  readonly #kv: KV;
  readonly #schema: z.ZodType<T>;

  constructor(store: Store, name: BucketName, kv: KV, schema: z.ZodType<T>) {
    this.#store = store;
    this.#name = name;
    this.#kv = kv;
    this.#schema = schema;
  }

  /** undefined where there is none. Throws `store_failed`, and `bad_message` for what this version cannot read. */
  async get(key: string): Promise<Kept<T> | undefined> {
    const what = this.#what(key);
    const entry = await persist(this.#store, `read ${what}`, () => this.#kv.get(key));
    if (entry === null || entry.operation !== "PUT") return undefined;
    return { value: check(this.#schema, decode(entry.value, what), what), revision: entry.revision };
  }

  /**
   * Writes over a revision, 0 for a key that is not there, and gives the new one. Throws `store_conflict` where the key
   * has another revision by now.
   */
  async put(key: string, value: T, revision: number): Promise<number> {
    const text = canonicalJson(value);
    const write = () => (revision === 0 ? this.#kv.create(key, text) : this.#kv.update(key, text, revision));
    let repeated = false;
    return persist(this.#store, `write ${this.#what(key)}`, async () => {
      try {
        return await write();
      } catch (error) {
        if (repeated && isConflict(error)) return await this.#wasOurs(key, text, error);
        repeated = true;
        throw error;
      }
    });
  }

  /** A write whose acknowledgement was lost conflicts with itself when it is repeated. */
  async #wasOurs(key: string, text: string, conflict: unknown): Promise<number> {
    const entry = await this.#kv.get(key);
    if (entry !== null && entry.string() === text) return entry.revision;
    throw conflict;
  }

  /** Deletes a key at a revision. Throws `store_conflict` where it has another one by now. */
  async delete(key: string, revision: number): Promise<void> {
    const remove = () => this.#kv.delete(key, { previousSeq: revision });
    await persist(this.#store, `delete ${this.#what(key)}`, remove);
  }

  /** All keys below a prefix that ends with a dot, or all there are; sorted. */
  async keys(prefix = ""): Promise<string[]> {
    return persist(this.#store, `list ${this.#name}`, async () => {
      const keys: string[] = [];
      for await (const key of await this.#kv.keys(`${prefix}>`)) keys.push(key);
      return keys.sort();
    });
  }

  /** Everything below a prefix, by key. */
  async all(prefix = ""): Promise<Map<string, Kept<T>>> {
    const found = new Map<string, Kept<T>>();
    const keys = await this.keys(prefix);
    for (let at = 0; at < keys.length; at += inFlight) {
      const some = keys.slice(at, at + inFlight);
      const values = await Promise.all(some.map((key) => this.get(key)));
      for (const [index, key] of some.entries()) {
        const kept = values[index];
        if (kept !== undefined) found.set(key, kept);
      }
    }
    return found;
  }

  #what(key: string): string {
    if (Key.safeParse(key).success) return `${key} of ${this.#name}`;
    throw new FlashfleetError(
      "bad_argument",
      `cannot use ${JSON.stringify(key)} as a key of ${this.#name}: letters, digits, - _ = / . only`,
    );
  }
}

const inFlight = 64;
