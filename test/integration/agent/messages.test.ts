import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { startAgent } from "../../../agent/agent.ts";
import { createMemoryStore } from "../../../agent/store/memory-store.ts";
import { connectNatsBus, type NatsBus } from "../../../shared/bus/nats.ts";
import { systemClock } from "../../../shared/clock.ts";
import {
  agreeSession,
  makeAgreementKey,
  makeSessionNonce,
  type Session,
  signOrder,
} from "../../../shared/identity/session.ts";
import { createLogger } from "../../../shared/logger.ts";
import { PublicKey } from "../../../shared/protocol/hello.ts";
import { CallId, NodeId } from "../../../shared/protocol/ids.ts";
import type { Order, UnsignedOrder } from "../../../shared/protocol/order.ts";
import type { Done } from "../../../shared/protocol/reply.ts";
import { controller, inboxOf, nodePrincipal, subjects } from "../../../shared/protocol/subjects.ts";
import { modelNode } from "../../support/agent-node.ts";
import { startFleet, walkthrough } from "../../support/fleet.ts";
import { renderTree } from "../../support/render-tree.ts";
import { startHarness } from "../bus/harness.ts";

const node = NodeId.parse("flash01");
const log = createLogger({ name: "test", level: "silent" });

/** An agent, and a controller of the test's own that has welcomed it: it knows the session and may misuse it. */
async function meet() {
  const harness = await startHarness();
  const bus = await harness.controller({ unreachableAfter: 2000 });
  const sessions: Session[] = [];
  bus.answer("hello", async (hello) => {
    const key = makeAgreementKey();
    const nonce = makeSessionNonce();
    sessions.push(
      agreeSession(key.privateKey, hello.key, { node, nonce, agentKey: hello.key, controllerKey: key.publicKey }),
    );
    return { v: 1, session: nonce, key: PublicKey.parse(key.publicKey) };
  });
  bus.answer("report", async ({ sequence }) => ({ v: 1, sequence }));
  const system = modelNode();
  const store = createMemoryStore(node);
  const agent = await startAgent({
    node,
    version: "1",
    labels: {},
    system,
    bus: await harness.node(node),
    store,
    clock: systemClock,
    random: { fraction: Math.random, uuid: randomUUID },
    log,
  });
  await agent.welcomed;
  return {
    harness,
    bus,
    system,
    store,
    session: () => {
      const session = sessions.at(-1);
      if (session === undefined) throw new Error("no hello yet");
      return session;
    },
    hellos: () => sessions.length,
    [Symbol.asyncDispose]: async () => {
      await agent.close();
      await harness[Symbol.asyncDispose]();
    },
  };
}

const load = (id: string): UnsignedOrder => ({
  v: 1,
  to: node,
  id: CallId.parse(id),
  deadline: 10_000,
  body: {
    do: "converge",
    edit: {
      base: 0,
      generation: 1,
      set: {
        "kernel_module nvmet": {
          kind: "kernel_module",
          state: "present",
          resource: { name: "nvmet", state: "present" },
          owner: "test",
        },
      },
    },
  },
});

async function send(bus: NatsBus, order: Order): Promise<Done> {
  for await (const reply of bus.call(order, systemClock.now() + 10_000)) if (reply.is === "done") return reply;
  throw new Error("no answer");
}

describe("an agent", () => {
  test("takes an order of its session, and answers it again without doing it again", async () => {
    await using met = await meet();
    const order = signOrder(met.session(), load("c1"));
    const first = await send(met.bus, order);
    expect(first).toMatchObject({ outcome: "changed", generation: 1 });
    expect(await send(met.bus, order)).toEqual(first);
    expect(met.store.spec.get().generation).toBe(1);
  });

  test.each<[string, (order: Order, session: Session) => Order]>([
    [
      "whose body was altered",
      (order) => ({ ...order, body: { do: "action", action: "command", arguments: { cmd: "reboot" } } }),
    ],
    ["whose deadline was altered", (order) => ({ ...order, deadline: order.deadline + 1 })],
    ["whose id was altered", (order) => ({ ...order, id: CallId.parse("other") })],
    ["to which something was added", (order) => ({ ...order, more: true }) as Order],
    ["whose check was taken away", ({ check: _, ...order }) => order],
    [
      "whose MAC was altered",
      (order) => ({ ...order, mac: `${order.mac.startsWith("A") ? "B" : "A"}${order.mac.slice(1)}` }),
    ],
    ["of another session", (order) => ({ ...order, session: makeSessionNonce() })],
  ])("refuses an order %s, and does nothing", async (_, alter) => {
    await using met = await meet();
    const before = await renderTree(met.system);
    const order = signOrder(met.session(), { ...load("c1"), check: { run: "r1" as never } });
    expect(await send(met.bus, alter(order, met.session()))).toMatchObject({
      outcome: "refused",
      error: { code: "stale_order" },
    });
    expect(await renderTree(met.system)).toEqual(before);
    expect(met.store.spec.get().generation).toBe(0);
    expect(met.store.journal.get()).toEqual([]);
  });

  test("refuses another order under a known id", async () => {
    await using met = await meet();
    await send(met.bus, signOrder(met.session(), load("c1")));
    const other = signOrder(met.session(), { ...load("c1"), body: { do: "facts" } });
    expect(await send(met.bus, other)).toMatchObject({ outcome: "refused", error: { code: "call_reused" } });
  });

  test("says hello again when it is sent an order of a session that it does not know, and refuses those from before", async () => {
    await using met = await meet();
    const old = signOrder(met.session(), load("c1"));
    const strange = signOrder({ ...met.session(), nonce: makeSessionNonce() }, load("c2"));
    await send(met.bus, strange);
    await expect.poll(met.hellos).toBeGreaterThan(1);
    const fresh = await expect.poll(() =>
      send(met.bus, signOrder(met.session(), { ...load("c3"), body: { do: "facts" } })),
    );
    await fresh.toMatchObject({ outcome: "ok" });
    expect(await send(met.bus, old)).toMatchObject({ outcome: "refused", error: { code: "stale_order" } });
    expect(met.store.spec.get().generation).toBe(0);
  });

  test("drops what is no order, and goes on", async () => {
    await using met = await meet();
    const { connection } = met.bus;
    const reply = `${inboxOf(controller)}.nobody.1`;
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      '"x"',
      "{}",
      '{"v":1}',
      JSON.stringify({ ...load("c1"), v: 2 }),
      "\u0000\u0001",
      "[".repeat(100_000),
    ]) {
      connection.publish(subjects.call(node), text, { reply });
    }
    const foreign = signOrder(met.session(), { ...load("c2"), to: NodeId.parse("flash02") });
    connection.publish(subjects.call(node), JSON.stringify(foreign), { reply });
    // Answers would go to where they may not.
    connection.publish(subjects.call(node), JSON.stringify(signOrder(met.session(), load("c3"))), {
      reply: "somewhere.else",
    });
    connection.publish(subjects.call(node), JSON.stringify(signOrder(met.session(), load("c4"))));
    expect(await send(met.bus, signOrder(met.session(), { ...load("c5"), body: { do: "facts" } }))).toMatchObject({
      outcome: "ok",
    });
    expect(met.harness.bad.length).toBe(13);
    expect(new Set(met.harness.bad.map(({ error }) => error.code))).toEqual(new Set(["bad_message"]));
    expect(met.store.spec.get().generation).toBe(0);
  });

  test("answers an edit on another generation with its own, and leaves its spec", async () => {
    await using met = await meet();
    const order = load("c1");
    if (order.body.do !== "converge") throw new Error("not an edit");
    const stale = { ...order, body: { ...order.body, edit: { ...order.body.edit, base: 7, generation: 8 } } };
    expect(await send(met.bus, signOrder(met.session(), stale))).toMatchObject({
      outcome: "refused",
      generation: 0,
      error: { code: "call_refused" },
    });
    expect(met.store.spec.get().entries).toEqual({});
  });

  test("refuses kinds and actions that it does not know, with the remedy", async () => {
    await using met = await meet();
    const set = { "quantum_link x": { kind: "quantum_link", state: "present" as const, resource: {}, owner: "test" } };
    const unknown: UnsignedOrder = { ...load("c1"), body: { do: "converge", edit: { base: 0, generation: 1, set } } };
    expect(await send(met.bus, signOrder(met.session(), unknown))).toMatchObject({
      outcome: "failed",
      error: { code: "bad_message", hint: expect.stringContaining("upgrade the agent") },
    });
    const action: UnsignedOrder = { ...load("c2"), body: { do: "action", action: "levitate", arguments: {} } };
    expect(await send(met.bus, signOrder(met.session(), action))).toMatchObject({
      outcome: "failed",
      error: { code: "bad_message" },
    });
    expect(met.store.spec.get().generation).toBe(0);
  });
});

describe("a controller", () => {
  test("drops what no node may say, and its fleet goes on", async () => {
    await using fleet = await startFleet();
    const stranger = await connectNatsBus({
      url: fleet.controller.url,
      token: await fleet.token(),
      name: "stranger",
      principal: nodePrincipal(NodeId.parse("stranger")),
      clock: systemClock,
      random: Math.random,
      onBadMessage: () => undefined,
    });
    const target = NodeId.parse("target");
    const { connection } = stranger;
    const inbox = `${inboxOf(nodePrincipal(target))}.x.1`;
    for (const subject of [
      subjects.heartbeat(target),
      subjects.ask(target, "hello"),
      subjects.ask(target, "report"),
      "ff.v1.node.UPPER.heartbeat",
      "ff.v1.node..heartbeat".replace("..", ".a.b."),
    ]) {
      for (const text of [
        "",
        "{",
        "null",
        "{}",
        JSON.stringify({ v: 1, node: "target" }),
        JSON.stringify({ v: 1, node: "initiator-1", bootId: "x", generation: 9, report: 9 }),
      ]) {
        connection.publish(subject, text, { reply: inbox });
      }
    }
    await connection.flush();
    const nodes = (await fleet.cli("nodes", "-o", "json")).lines();
    expect(nodes.map((each) => each.node)).toEqual(["initiator-1", "initiator-2", "target"]);
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    expect((await fleet.cli("health")).code).toBe(0);
    await expect
      .poll(() => fleet.logs.filter((line) => line.includes('"code":"bad_message"')).length)
      .toBeGreaterThan(10);
    await stranger.close();
  });
});
