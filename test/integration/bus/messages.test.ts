import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startNatsServer } from "../../../controller/nats-server/supervise.ts";
import { systemClock } from "../../../shared/clock.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import type { Heartbeat } from "../../../shared/protocol/heartbeat.ts";
import type { Hello, Welcome } from "../../../shared/protocol/hello.ts";
import { NodeId } from "../../../shared/protocol/ids.ts";
import { inboxOf, nodePrincipal, controller as principal, subjects } from "../../../shared/protocol/subjects.ts";
import { Secret } from "../../../shared/secret.ts";
import { findTestServer, temporaryDirectory } from "../../support/nats-server.ts";
import { collect, done, type Harness, key, n1, order, session, soon, startHarness } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

const hello: Hello = {
  v: 1,
  node: n1,
  version: "0.1.0",
  kinds: ["nvmet_port"],
  actions: ["command"],
  spec: { generation: 0, hash: "" },
  bootId: "b",
  report: 0,
  labels: { rack: "r1", fast: true },
  key,
};
const welcome: Welcome = { v: 1, session, key };
const heartbeat: Heartbeat = { v: 1, node: n1, bootId: "b", generation: 3, report: 7 };

describe("an ask", () => {
  test("is answered", async () => {
    const bus = await harness.controller();
    const heard: Hello[] = [];
    bus.answer("hello", async (question) => {
      heard.push(question);
      return welcome;
    });
    const node = await harness.node();
    expect(await node.ask("hello", hello, soon())).toEqual(welcome);
    expect(heard).toEqual([hello]);
  });

  test("waits for a controller that comes later", async () => {
    const node = await harness.node();
    const answer = node.ask("hello", hello, soon());
    const bus = await harness.controller();
    bus.answer("hello", async () => welcome);
    expect(await answer).toEqual(welcome);
  });

  test("throws the error that the controller answers with", async () => {
    const bus = await harness.controller();
    bus.answer("hello", async () => {
      throw new FlashfleetError("identity_conflict", "cannot take n1: two machines say that they are it");
    });
    const node = await harness.node();
    await expect(node.ask("hello", hello, soon())).rejects.toMatchObject({ code: "identity_conflict" });
  });

  test("without a controller ends as controller_unreachable", async () => {
    const node = await harness.node();
    const answer = node.ask("hello", hello, systemClock.now() + 150);
    await expect(answer).rejects.toMatchObject({ code: "controller_unreachable" });
  });

  test("for another node than the one on whose subject it comes is not answered", async () => {
    const bus = await harness.controller();
    bus.answer("hello", async () => welcome);
    const node = await harness.node();
    const reply = `${inboxOf(nodePrincipal(n1))}.x`;
    node.connection.publish(subjects.ask(n1, "hello"), JSON.stringify({ ...hello, node: "n2" }), { reply });
    await expect.poll(() => harness.bad).toMatchObject([{ error: { code: "bad_message" } }]);
  });

  test("whose reply subject is another node's is not answered", async () => {
    const bus = await harness.controller();
    let asked = 0;
    bus.answer("hello", async () => {
      asked++;
      return welcome;
    });
    const node = await harness.node();
    const reply = subjects.call(NodeId.parse("n2"));
    node.connection.publish(subjects.ask(n1, "hello"), JSON.stringify(hello), { reply });
    await expect.poll(() => harness.bad).toMatchObject([{ error: { code: "bad_message" } }]);
    expect(asked).toBe(0);
  });
});

describe("a malformed message", () => {
  const malformed = [
    ["bytes that are no text", new Uint8Array([0xff, 0xfe])],
    ["no JSON", "{"],
    ["nothing", ""],
    ["another type", "[1]"],
    ["another version", JSON.stringify({ ...order("c1"), v: 2 })],
    ["an order for another node", JSON.stringify({ ...order("c1"), to: "n2" })],
    ["an order to do what nobody knows", JSON.stringify({ ...order("c1"), body: { do: "explode" } })],
    ["numbers that overflow", '{"v":1,"deadline":1e999}'],
    ["depth", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
  ] as const;

  test.each(malformed)("with %s is reported, and the next order is answered", async (_, payload) => {
    const node = await harness.node();
    const dones = { count: 0 };
    node.serve(n1, async function* (received) {
      dones.count++;
      yield done(received);
    });
    const bus = await harness.controller();
    bus.connection.publish(subjects.call(n1), payload, { reply: `${inboxOf(principal)}.x` });
    expect(await collect(bus.call(order("c2"), soon()))).toEqual(["done ok"]);
    expect(harness.bad).toHaveLength(1);
    expect(dones.count).toBe(1);
  });

  test("among the replies is reported, and the call goes on", async () => {
    const node = await harness.node();
    node.connection.subscribe(subjects.call(n1), {
      callback: (_, message) => {
        const { v, id } = order("c1");
        message.respond("no JSON");
        message.respond(JSON.stringify({ v, id, is: "unheard-of" }));
        message.respond(JSON.stringify(done({ ...order("c1"), id: order("other").id })));
        message.respond(JSON.stringify({ ...done(order("c1")), addedLater: 1 }));
      },
    });
    const bus = await harness.controller();
    expect(await collect(bus.call(order("c1"), soon()))).toEqual(["done ok"]);
    expect(harness.bad).toHaveLength(3);
  });

  test("as a heartbeat is reported, and the next one is heard", async () => {
    const bus = await harness.controller();
    const heard: Heartbeat[] = [];
    bus.onHeartbeat((one) => heard.push(one));
    await bus.connection.flush();
    const node = await harness.node();
    node.connection.publish(subjects.heartbeat(n1), "x");
    node.connection.publish(subjects.heartbeat(n1), JSON.stringify({ ...heartbeat, node: "n2" }));
    node.publish(heartbeat);
    await expect.poll(() => heard).toEqual([heartbeat]);
    expect(harness.bad).toHaveLength(2);
  });
});

describe("a connection", () => {
  test("with a wrong token is bus_auth, with a hint, also where it would wait for the server", async () => {
    const wrong = harness.node(n1, { token: new Secret("wrong"), waitOnFirstConnect: true });
    await expect(wrong).rejects.toMatchObject({ code: "bus_auth", hint: expect.stringContaining("token") });
  });

  test("without a token is bus_auth", async () => {
    await expect(harness.node(n1, { token: undefined })).rejects.toMatchObject({ code: "bus_auth" });
  });

  test("that a server refuses later says so, and comes back when it is let in again", async () => {
    const bus = await harness.controller();
    const states: string[] = [];
    bus.onStatus((status) => states.push(status.is === "refused" ? status.error.code : status.is));
    const { server, directory } = harness.nats;
    const port = Number(new URL(server.url).port);
    const program = await findTestServer();
    await server.close();
    await using other = await temporaryDirectory();
    const stranger = await startNatsServer({ program, directory: other.path, port, onTrouble: () => undefined });
    onTestFinished(() => stranger.close());
    await expect.poll(() => states, { timeout: 10_000 }).toContain("bus_auth");
    await stranger.close();
    const own = await startNatsServer({ program, directory, port, onTrouble: () => undefined });
    onTestFinished(() => own.close());
    await expect.poll(() => states.at(-1), { timeout: 10_000 }).toBe("reconnected");
    await bus.close();
    expect(states.at(-1)).toBe("closed");
  }, 20_000);

  test("to a server that is not there is bus_lost", async () => {
    const { url } = harness.nats.server;
    await harness.nats.server.close();
    await expect(harness.node(n1, { url })).rejects.toMatchObject({ code: "bus_lost" });
  });

  test("that waits for a server says so and stops when told", async () => {
    const { url } = harness.nats.server;
    await harness.nats.server.close();
    const abort = new AbortController();
    const onWaiting = () => abort.abort(new Error("enough"));
    const waiting = harness.node(n1, { url, waitOnFirstConnect: true, onWaiting, signal: abort.signal });
    await expect(waiting).rejects.toThrow("enough");
  });

  test("of a second process of one principal does not hear the first one's replies", async () => {
    const first = await harness.controller();
    const second = await harness.controller();
    const node = await harness.node();
    node.serve(n1, async function* (received) {
      yield done(received, { result: received.id });
    });
    const both = await Promise.all([first, second].map((bus, index) => collect(bus.call(order(`c${index}`), soon()))));
    expect(both).toEqual([["done ok"], ["done ok"]]);
    expect(harness.bad).toEqual([]);
  });
});
