import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Serve } from "../../../shared/bus/bus.ts";
import { systemClock } from "../../../shared/clock.ts";
import { FlashfleetError, toErrorData } from "../../../shared/errors.ts";
import { SessionNonce } from "../../../shared/protocol/hello.ts";
import { NodeId } from "../../../shared/protocol/ids.ts";
import type { Order } from "../../../shared/protocol/order.ts";
import type { Reply } from "../../../shared/protocol/reply.ts";
import { accepted, all, collect, done, type Harness, n1, order, soon, startHarness } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

const say = ({ id }: Order, seq: number, text: string): Reply => ({ v: 1, id, is: "progress", seq, text });

describe("a call", () => {
  test("gives accepted, progress and done in order", async () => {
    const node = await harness.node();
    node.serve(n1, async function* (received) {
      yield accepted(received);
      yield say(received, 1, "one");
      yield say(received, 2, "two");
      yield done(received, { outcome: "changed" });
    });
    const bus = await harness.controller();
    expect(await collect(bus.call(order("c1"), soon()))).toEqual(["accepted", "1 one", "2 two", "done changed"]);
  });

  test("that is done at once is not accepted first, one that takes longer is", async () => {
    const node = await harness.node();
    const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    node.serve(n1, async function* (received) {
      yield accepted(received);
      if (received.id === "long") await turn();
      yield done(received);
    });
    const bus = await harness.controller();
    expect(await collect(bus.call(order("long"), soon()))).toEqual(["accepted", "done ok"]);
    expect(await collect(bus.call(order("short"), soon()))).toEqual(["done ok"]);
  });

  test("shows the order as it came, with fields that this version does not know", async () => {
    const node = await harness.node();
    const seen: unknown[] = [];
    node.serve(n1, async function* (received, wire) {
      seen.push(received, wire);
      yield done(received);
    });
    const bus = await harness.controller();
    const newer = { ...order("c1"), priority: 3 };
    await collect(bus.call(newer, soon()));
    expect(seen).toEqual([order("c1"), newer]);
  });

  test("is sent again after silence, under the same id, and repetitions are not shown twice", async () => {
    const node = await harness.node();
    const ids: string[] = [];
    node.serve(n1, async function* (received) {
      ids.push(received.id);
      yield accepted(received);
      yield say(received, 1, "one");
      // The first `done` is lost.
      if (ids.length > 1) yield done(received);
    });
    const bus = await harness.controller({ resendAfter: 50 });
    expect(await collect(bus.call(order("c1"), soon()))).toEqual(["accepted", "1 one", "done ok"]);
    expect(ids).toEqual(["c1", "c1"]);
  });

  test("reaches a node that connects after it was made", async () => {
    const bus = await harness.controller();
    const replies = collect(bus.call(order("c1"), soon()));
    const node = await harness.node();
    node.serve(n1, async function* (received) {
      yield done(received);
    });
    expect(await replies).toEqual(["done ok"]);
  });

  test("to a node that never answers ends as node_unreachable", async () => {
    const bus = await harness.controller({ unreachableAfter: 300 });
    await expect(collect(bus.call(order("c1"), soon()))).rejects.toMatchObject({ code: "node_unreachable" });
  });

  test("to a node that only says accepted ends at its deadline", async () => {
    const node = await harness.node();
    node.serve(n1, async function* (received) {
      yield accepted(received);
    });
    const bus = await harness.controller({ resendAfter: 50, unreachableAfter: 500 });
    const replies = collect(bus.call(order("c1"), systemClock.now() + 800));
    await expect(replies).rejects.toMatchObject({ code: "deadline" });
  });

  test("ends with the signal's reason", async () => {
    const bus = await harness.controller();
    const abort = new AbortController();
    const replies = collect(bus.call(order("c1"), soon(), abort.signal));
    abort.abort(new Error("stopped by hand"));
    await expect(replies).rejects.toThrow("stopped by hand");
  });

  test("ends as bus_lost when the bus is closed", async () => {
    const bus = await harness.controller();
    const replies = collect(bus.call(order("c1"), soon()));
    await bus.close();
    await expect(replies).rejects.toMatchObject({ code: "bus_lost" });
    await expect(collect(bus.call(order("c2"), soon()))).rejects.toMatchObject({ code: "bus_lost" });
  });

  test("is signed anew when its session is over", async () => {
    const node = await harness.node();
    const over = order("c1");
    const valid = { ...over, session: SessionNonce.parse("B".repeat(22)) };
    const stale = toErrorData(new FlashfleetError("stale_order", "cannot take an order of another session"));
    node.serve(n1, async function* (received) {
      if (received.session === valid.session) yield done(received);
      else yield done(received, { outcome: "refused", error: stale });
    });
    const bus = await harness.controller();
    const signed = [undefined, over, over, valid];
    const replies = bus.call({ to: n1, id: over.id, sign: () => signed.shift() }, soon());
    expect(await collect(replies)).toEqual(["done ok"]);
  });

  test("that stays stale is refused in the end", async () => {
    const node = await harness.node();
    const stale = toErrorData(new FlashfleetError("stale_order", "cannot take an order of another session"));
    node.serve(n1, async function* (received) {
      yield done(received, { outcome: "refused", error: stale });
    });
    const bus = await harness.controller({ unreachableAfter: 200 });
    const replies = bus.call({ to: n1, id: order("c1").id, sign: () => order("c1") }, soon());
    expect(await collect(replies)).toEqual(["done refused"]);
  });

  test("whose answer is an exception gets a failed done", async () => {
    const node = await harness.node();
    // biome-ignore lint/correctness/useYield: it never comes to one
    const broken: Serve = async function* () {
      throw new FlashfleetError("device_absent", "cannot open /dev/nvme9n1: it is not there");
    };
    node.serve(n1, broken);
    const bus = await harness.controller();
    const replies = await all(bus.call(order("c1"), soon()));
    expect(replies).toMatchObject([{ is: "done", outcome: "failed", error: { code: "device_absent" } }]);
  });

  test("whose answer is too large for the bus gets a failed done that says so", async () => {
    const node = await harness.node();
    node.serve(n1, async function* (received) {
      yield done(received, { result: "x".repeat(9_000_000) });
    });
    const bus = await harness.controller();
    const replies = await all(bus.call(order("c1"), soon()));
    expect(replies).toMatchObject([{ is: "done", outcome: "failed", error: { code: "bad_message" } }]);
  });

  test("survives a nats-server that is killed while it runs", async () => {
    const node = await harness.node();
    let release = () => {};
    const returned = new Promise<void>((resolve) => {
      release = resolve;
    });
    node.serve(n1, async function* (received) {
      yield accepted(received);
      await returned;
      yield done(received, { outcome: "changed" });
    });
    const bus = await harness.controller({ unreachableAfter: 3000 });
    const states: string[] = [];
    bus.onStatus(({ is }) => {
      states.push(is);
      if (is === "reconnected") release();
    });
    const texts: string[] = [];
    for await (const reply of bus.call(order("c1"), soon())) {
      texts.push(reply.is);
      if (reply.is === "accepted") process.kill(harness.nats.server.pid ?? 0, "SIGKILL");
    }
    expect(texts).toEqual(["accepted", "done"]);
    expect(states).toEqual(["connected", "disconnected", "reconnected"]);
  });

  test("does not blame the node for a nats-server that is frozen", async () => {
    const node = await harness.node();
    node.serve(n1, async function* (received) {
      yield done(received);
    });
    const bus = await harness.controller({ unreachableAfter: 200 });
    const pid = harness.nats.server.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    bus.onStatus(({ is }) => {
      if (is === "disconnected") process.kill(pid, "SIGCONT");
    });
    expect(await collect(bus.call(order("c1"), soon()))).toEqual(["done ok"]);
  }, 20_000);

  test("is one of a thousand in flight", async () => {
    const nodes = Array.from({ length: 20 }, (_, index) => NodeId.parse(`n${index}`));
    const serving = await harness.node();
    const waiting: (() => void)[] = [];
    for (const node of nodes) {
      serving.serve(node, async function* (received) {
        yield accepted(received);
        // All are in flight before the first is done.
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 1000) for (const go of waiting) go();
        });
        yield done(received);
      });
    }
    const bus = await harness.controller();
    const calls = Array.from({ length: 1000 }, (_, index) => {
      const to = nodes[index % nodes.length] ?? n1;
      return collect(bus.call(order(`c${index}`, to), soon()));
    });
    const answered = await Promise.all(calls);
    expect(answered.every((texts) => /^(accepted,)?done ok$/.test(texts.join()))).toBe(true);
  });
});
