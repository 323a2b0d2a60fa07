import { connectNatsBus, type NatsBus, type NatsBusOptions } from "../../../shared/bus/nats.ts";
import { systemClock } from "../../../shared/clock.ts";
import type { FlashfleetError } from "../../../shared/errors.ts";
import { PublicKey, SessionNonce } from "../../../shared/protocol/hello.ts";
import { CallId, NodeId } from "../../../shared/protocol/ids.ts";
import type { Order } from "../../../shared/protocol/order.ts";
import type { Done, Reply } from "../../../shared/protocol/reply.ts";
import { controller, nodePrincipal } from "../../../shared/protocol/subjects.ts";
import { startTestServer, type TestServer } from "../../support/nats-server.ts";

export const n1 = NodeId.parse("n1");
export const key = PublicKey.parse("A".repeat(43));
export const session = SessionNonce.parse("A".repeat(22));

export function order(id: string, to = n1): Order {
  const mac = "A".repeat(43);
  return { v: 1, to, id: CallId.parse(id), session, deadline: 60_000, body: { do: "facts" }, mac };
}

export function done({ id }: Order, more: Partial<Done> = {}): Done {
  return { v: 1, id, is: "done", outcome: "ok", generation: 1, steps: [], result: null, ...more };
}

export function accepted({ id }: Order): Reply {
  return { v: 1, id, is: "accepted" };
}

export interface BadMessage {
  subject: string;
  error: FlashfleetError;
}

/** A nats-server, and the buses of a test; all gone at the end. */
export interface Harness extends AsyncDisposable {
  nats: TestServer;
  bad: BadMessage[];
  controller(options?: Partial<NatsBusOptions>): Promise<NatsBus>;
  node(id?: NodeId, options?: Partial<NatsBusOptions>): Promise<NatsBus>;
}

export async function startHarness(): Promise<Harness> {
  const nats = await startTestServer();
  const buses: NatsBus[] = [];
  const bad: BadMessage[] = [];
  const open = async (options: Pick<NatsBusOptions, "name" | "principal"> & Partial<NatsBusOptions>) => {
    const bus = await connectNatsBus({
      url: nats.server.url,
      token: nats.server.token,
      clock: systemClock,
      random: Math.random,
      onBadMessage: (message) => bad.push(message),
      ...options,
    });
    buses.push(bus);
    return bus;
  };
  return {
    nats,
    bad,
    controller: (options) => open({ name: "test controller", principal: controller, ...options }),
    node: (id = n1, options) => open({ name: `test ${id}`, principal: nodePrincipal(id), ...options }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await nats[Symbol.asyncDispose]();
    },
  };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** All replies of a call, as short texts. */
export async function collect(replies: AsyncIterable<Reply>): Promise<string[]> {
  return (await all(replies)).map(brief);
}

function brief(reply: Reply): string {
  if (reply.is === "progress") return `${reply.seq} ${reply.text}`;
  return reply.is === "done" ? `done ${reply.outcome}` : reply.is;
}

export const soon = (): number => systemClock.now() + 20_000;
