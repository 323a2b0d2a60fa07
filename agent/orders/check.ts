import type { Clock } from "../../shared/clock.ts";
import { isSecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import type { Json } from "../../shared/protocol/json.ts";
import { type AssumedConnection, type AssumedListener, otherKey, unknownKey } from "../../shared/protocol/listener.ts";
import type { OpenBody, Order } from "../../shared/protocol/order.ts";
import { namedFiles } from "../actions/files/named.ts";
import { Foreseen } from "../actions/foreseen.ts";
import type { Workshop } from "../engine/converge.ts";
import { Queue } from "../engine/queue.ts";
import { createMemoryStore } from "../store/memory-store.ts";
import type { Store } from "../store/store.ts";
import { Trial } from "../system/model/snapshot/trial.ts";
import { createWorkshop } from "../workshop.ts";
import type { Answer } from "./orders.ts";

type Assumed = Pick<Order["check"] & object, "assume" | "connections">;

export type Converge = Extract<OpenBody, { do: "converge" }>;

/** What an order works on: the node, or in a check its shadow. */
interface Bench {
  shop: Workshop;
  store: Store;
  clock: Clock;
}

/** Runs whose checks are remembered: a check lasts as long as its run, and a node is in one or two. */
const rememberedRuns = 4;

/**
 * The checks of runs: each has a shadow of this node, made at its first order, on which its tasks are carried out as they would
 * be on the node. The node itself, and what it keeps, are only read.
 */
export class Checks {
  readonly #runs = new Map<RunId, Promise<CheckRun>>();

  /** The run's own shadow. Rejects where the node cannot be read. */
  of(bench: Bench, run: RunId): Promise<CheckRun> {
    const begun = this.#runs.get(run) ?? CheckRun.begin(bench);
    // The one that was asked for last is forgotten last.
    this.#runs.delete(run);
    this.#runs.set(run, begun);
    begun.catch(() => this.#runs.delete(run));
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > rememberedRuns && oldest !== undefined) this.#runs.delete(oldest);
    return begun;
  }
}

/** One run's check on this node. */
export class CheckRun implements Bench {
  readonly shop: Workshop;
  readonly store: Store;
  readonly clock: Clock;
  /** One order at a time: several hosts may delegate to this node. */
  readonly queue = new Queue();
  readonly foreseen = new Foreseen();
  readonly #trial: Trial;
  /** What the controller was told; of the node as it was found it knows. */
  #told: { listeners: Told<AssumedListener>; connections: Told<AssumedConnection>; addresses: boolean };

  private constructor(parts: { shop: Workshop; store: Store; trial: Trial }) {
    this.shop = parts.shop;
    this.store = parts.store;
    this.clock = parts.trial.clock;
    this.#trial = parts.trial;
    this.#told = { listeners: this.#listeners(), connections: this.#connections(), addresses: false };
  }

  static async begin({ shop, store, clock }: Bench): Promise<CheckRun> {
    const trial = await Trial.begin(shop.system, clock);
    const { node } = store.spec.get();
    const copy = createMemoryStore(node);
    await Promise.all([
      copy.spec.set(store.spec.get()),
      copy.owned.set(store.owned.get()),
      copy.pins.set(store.pins.get()),
      copy.secrets.set(store.secrets.get()),
    ]);
    const { freshUuid } = shop.memory();
    const changed = (millis: number) => trial.clock.sleep(millis);
    const workshop = createWorkshop({
      node,
      system: trial.system,
      clock: trial.clock,
      store: copy,
      kinds: shop.kinds,
      changes: { wait: changed },
      uuid: () => freshUuid,
    });
    return new CheckRun({ shop: workshop, store: copy, trial });
  }

  /** Before an order: what it names is looked at on the node, and what it may assume is there. */
  async prepare(body: OpenBody, { assume = [], connections = [] }: Assumed): Promise<void> {
    const named = body.do === "converge" ? { set: body.edit.set, consent: body.consent ?? {} } : body;
    const files = body.do === "action" ? namedFiles(body.action, body.arguments) : undefined;
    if (files === undefined) await this.#trial.learn([...pathsIn(named)]);
    else await this.#trial.learnFiles(files.paths, files.deep);
    this.#trial.assume(assume, (name) => this.#keyNamed(name, body));
    this.#trial.assumeConnections(connections);
  }

  /** What came, changed or went since this was asked last, as far as it concerns other nodes. */
  news(): Pick<Answer, "listeners" | "connections" | "addresses"> {
    const before = this.#told;
    const { addresses } = this.#trial;
    this.#told = { listeners: this.#listeners(), connections: this.#connections(), addresses: true };
    const listeners = changes(before.listeners, this.#told.listeners, (gone) => ({ ...gone, subsystems: [] }));
    const connections = changes(before.connections, this.#told.connections, (gone) => ({
      ...gone,
      from: addresses,
      nqns: [],
    }));
    return {
      ...(listeners.length === 0 ? {} : { listeners }),
      ...(connections.length === 0 ? {} : { connections }),
      ...(before.addresses ? {} : { addresses }),
    };
  }

  #connections(): Told<AssumedConnection> {
    return byEndpoint(this.#trial.connections(this.store.spec.get().node));
  }

  #listeners(): Told<AssumedListener> {
    const { node, entries } = this.store.spec.get();
    const keyName = (hostnqn: string, which: string) => {
      const reference = entries[`nvmet_host ${hostnqn}`]?.resource[which];
      return isSecretRef(reference) ? `${reference.secret}@${reference.version}` : unknownKey;
    };
    return byEndpoint(this.#trial.listeners(node, keyName));
  }

  /** A key of which nobody knows is taken to be the one that this order brings. */
  #keyNamed(name: string, body: OpenBody): string | undefined {
    const secrets = this.store.secrets.get();
    if (name === otherKey) return undefined;
    if (name !== unknownKey) return secrets[name];
    const entries = body.do === "converge" ? Object.values(body.edit.set) : [];
    const reference = entries.map(({ resource }) => resource.dhchap_secret).find(isSecretRef);
    return reference && secrets[`${reference.secret}@${reference.version}`];
  }
}

type Told<T> = ReadonlyMap<string, T>;

function byEndpoint<T extends { transport: string; address: string; port: number }>(all: readonly T[]): Told<T> {
  return new Map(all.map((each) => [`${each.transport} ${each.address} ${each.port}`, each]));
}

/** What is new or other than before, and what is left of those that are gone. */
function changes<T>(before: Told<T>, now: Told<T>, left: (gone: T) => T): T[] {
  const changed = [...now].filter(([key, each]) => JSON.stringify(each) !== JSON.stringify(before.get(key)));
  const gone = [...before].filter(([key]) => !now.has(key));
  return [...changed.map(([, each]) => each), ...gone.map(([, each]) => left(each))];
}

/** Every absolute path in it. */
function* pathsIn(value: Json | object): Generator<string> {
  if (typeof value === "string") {
    if (value.startsWith("/")) yield value;
  } else if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) yield* pathsIn(each);
  }
}
