import { canonicalAddress } from "../../shared/nvme/address.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { type AssumedConnection, type AssumedListener, otherKey, unknownKey } from "../../shared/protocol/listener.ts";
import type { Order } from "../../shared/protocol/order.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import type { Secret } from "../../shared/secret.ts";
import type { Endpoint } from "./endpoints.ts";

/** Who asks, and what of other nodes can concern the order. */
interface Asking {
  node: NodeId;
  /** That the order names. */
  endpoints: readonly Endpoint[];
  /** Of the node's other connections, which it may reconnect, or come back to. */
  others: readonly Endpoint[];
  /** Of the node's exports, as it reported them. */
  addresses: readonly string[];
  /** By the names that the node knows them by. */
  secrets: Values;
}

type Values = Readonly<Record<string, Secret>>;

/**
 * What a run's check has made of its nodes so far, for the checks of the nodes at the other ends: an order gets what concerns the
 * addresses that it names, and the connections to its node's own.
 */
export class Assumptions {
  readonly #listeners = new Map<string, AssumedListener>();
  /** What nodes were told of addresses that their orders did not name: it is not told twice. */
  readonly #told = new Map<NodeId, Set<AssumedListener>>();
  /** By address, then by node and port: of many initiators each target is told of its own. */
  readonly #connections = new Map<string, Map<string, AssumedConnection>>();
  readonly #addresses = new Map<NodeId, Set<string>>();
  /** Of the run's orders. */
  readonly #secrets = new Map<string, Secret>();

  /** What a node was given, so that two nodes' keys can be compared. */
  remember(values: Values): void {
    for (const [name, secret] of Object.entries(values)) this.#secrets.set(name, secret);
  }

  /** A node has forgotten what it was told. */
  forget(node: NodeId): void {
    this.#told.delete(node);
  }

  /** What a node's check answered. */
  take(node: NodeId, { listeners = [], connections = [], addresses = [] }: Done): void {
    for (const each of listeners) this.#listeners.set(keyOf({ ...each, service_id: String(each.port) }), each);
    for (const each of connections) {
      const address = canonicalAddress(each.address);
      const known = this.#connections.get(address) ?? new Map<string, AssumedConnection>();
      this.#connections.set(address, known.set(`${each.node} ${each.transport} ${each.port}`, each));
    }
    const own = this.#addresses.get(node) ?? new Set();
    this.#addresses.set(node, own);
    for (const each of [...addresses, ...listeners.map(({ address }) => address)]) own.add(canonicalAddress(each));
  }

  of({ node, endpoints, others: more, addresses, secrets }: Asking): Omit<Order["check"] & object, "run"> {
    const own = new Set([...(this.#addresses.get(node) ?? []), ...addresses.map(canonicalAddress)]);
    const at = (all: readonly Endpoint[]) => all.flatMap((endpoint) => this.#listeners.get(keyOf(endpoint)) ?? []);
    const told = this.#told.get(node) ?? new Set();
    this.#told.set(node, told);
    const news = at(more).filter((listener) => !told.has(listener));
    for (const listener of news) told.add(listener);
    const assume = [...new Set([...at(endpoints), ...news])];
    const connections = [...own].flatMap((address) => [...(this.#connections.get(address)?.values() ?? [])]);
    const others = <T extends { node: NodeId }>(all: readonly T[]) => all.filter((each) => each.node !== node);
    return {
      ...(assume.length === 0 ? {} : { assume: others(assume).map((each) => this.#translated(each, secrets)) }),
      ...(connections.length === 0 ? {} : { connections: others(connections) }),
    };
  }

  /** With the keys by the reader's own names of the same ones. */
  #translated(listener: AssumedListener, own: Values): AssumedListener {
    const name = (key: string) => this.#ownName(key, own);
    return {
      ...listener,
      subsystems: listener.subsystems.map((subsystem) => ({
        ...subsystem,
        allowedHosts: subsystem.allowedHosts.map(({ nqn, key, ctrlKey }) => ({
          nqn,
          ...(key === undefined ? {} : { key: name(key) }),
          ...(ctrlKey === undefined ? {} : { ctrlKey: name(ctrlKey) }),
        })),
      })),
    };
  }

  #ownName(key: string, own: Values): string {
    const secret = this.#secrets.get(key);
    if (secret === undefined) return unknownKey;
    return Object.entries(own).find(([, each]) => each.equals(secret))?.[0] ?? otherKey;
  }
}

function keyOf({ transport, address, service_id }: Endpoint): string {
  return `${transport} ${canonicalAddress(address)} ${service_id}`;
}
