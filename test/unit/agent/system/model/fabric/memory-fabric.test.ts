import type { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connection } from "../../../../../../agent/system/model/fabric/fabric.ts";
import { createMemoryFabric, type MemoryFabric } from "../../../../../../agent/system/model/fabric/memory-fabric.ts";
import type { LinkTrouble } from "../../../../../../agent/system/model/fabric/trouble.ts";
import { ManualClock, turns } from "../lab.ts";

const at = { transport: "tcp", address: "10.0.0.1", port: 4420 };
const host = "10.0.0.2";
const patience = 3_000;
const cut: LinkTrouble = { between: [["10.0.0.1"], [host]], does: { is: "cut" } };

/** What came in at an end of a connection, and whether it is over. */
function listenTo(stream: Duplex) {
  const seen = { text: "", closed: false };
  stream.on("data", (chunk: Buffer) => {
    seen.text += chunk.toString();
  });
  stream.on("close", () => {
    seen.closed = true;
  });
  stream.on("end", () => stream.destroy());
  return seen;
}

async function network() {
  const clock = new ManualClock();
  const fabric = createMemoryFabric(clock);
  fabric.attach?.("10.0.0.1", "target");
  fabric.attach?.(host, "host");
  let taken: Connection | undefined;
  await fabric.listen(at, (connection) => {
    taken = connection;
  });
  const connect = async () => {
    const near = await fabric.dial(at, host, patience);
    if (taken === undefined) throw new Error("nobody took it");
    return { near, far: taken };
  };
  return { clock, fabric, connect };
}

/** What a dial comes to, and after how many milliseconds. */
async function dialled(clock: ManualClock, fabric: MemoryFabric, most = patience): Promise<[string, number]> {
  let result: [string, number] = ["still trying", 0];
  const done = (how: string) => {
    result = [how, clock.now()];
  };
  fabric.dial(at, host, most).then(
    () => done("connected"),
    (error: { code: string }) => done(error.code),
  );
  await turns();
  await clock.advance(200_000);
  return result;
}

describe("a link that is cut", () => {
  it("swallows what is sent, says so to both ends, and leaves the connection and the clock alone", async () => {
    const { clock, fabric, connect } = await network();
    const { near, far } = await connect();
    const seen = listenTo(far.stream);
    const changes: number[] = [];
    far.line.onChange(() => changes.push(far.line.roundTrip));
    fabric.trouble(cut);
    near.stream.write("lost");
    await clock.advance(1_000_000);
    expect([seen.text, seen.closed, changes, clock.sleeping]).toEqual(["", false, [Number.POSITIVE_INFINITY], 0]);
    expect(near.line.roundTrip).toBe(Number.POSITIVE_INFINITY);
  });

  it("gives all that was sent, in order, once it is healed, and the end of the connection after it", async () => {
    const { fabric, connect } = await network();
    const { near, far } = await connect();
    const [atTarget, atHost] = [listenTo(far.stream), listenTo(near.stream)];
    const trouble = fabric.trouble(cut);
    near.stream.write("one,");
    near.stream.write("two");
    far.stream.write("back");
    near.stream.destroy();
    await turns();
    expect([atTarget, atHost.text]).toEqual([{ text: "", closed: false }, ""]);
    trouble.heal();
    await turns();
    expect(atTarget).toEqual({ text: "one,two", closed: true });
  });

  it("leaves other links alone, and what a machine sends to itself", async () => {
    const { clock, fabric } = await network();
    fabric.trouble({ between: [["10.0.0.1"], "all"], does: { is: "cut" } });
    fabric.attach?.("10.0.0.3", "other");
    await fabric.listen({ ...at, address: "10.0.0.3" }, () => {});
    await expect(fabric.dial({ ...at, address: "10.0.0.3" }, host, patience)).resolves.toBeDefined();
    await expect(fabric.dial(at, "10.0.0.1", patience)).resolves.toBeDefined();
    expect(await dialled(clock, fabric)).toEqual(["ETIMEDOUT", patience]);
  });

  it("stays cut until the last of its troubles is healed", async () => {
    const { fabric, connect } = await network();
    const { near, far } = await connect();
    const seen = listenTo(far.stream);
    const [one, other] = [fabric.trouble(cut), fabric.trouble({ between: [[host], "all"], does: { is: "cut" } })];
    near.stream.write("hello");
    one.heal();
    await turns();
    expect(seen.text).toBe("");
    other.heal();
    await turns();
    expect(seen.text).toBe("hello");
  });
});

describe("a connect", () => {
  it.each<[string, LinkTrouble["does"], string, number]>([
    ["over a cut link fails when its patience ends", { is: "cut" }, "ETIMEDOUT", 3_000],
    ["where a router says so fails with that", { is: "cut", dial: "EHOSTUNREACH" }, "EHOSTUNREACH", 3_000],
    ["over a slow link takes a round trip", { is: "slow", millis: 400 }, "connected", 800],
    ["over a link that is slower than its patience fails", { is: "slow", millis: 1_600 }, "ETIMEDOUT", 3_000],
  ])("%s", async (_, does, result, after) => {
    const { clock, fabric } = await network();
    fabric.trouble({ between: [[host], ["10.0.0.1"]], does });
    expect(await dialled(clock, fabric)).toEqual([result, after]);
    expect(clock.sleeping).toBe(0);
  });

  it("succeeds where the link heals before its patience ends", async () => {
    const { clock, fabric } = await network();
    const trouble = fabric.trouble(cut);
    const connecting = fabric.dial(at, host, patience);
    await clock.advance(2_000);
    trouble.heal();
    await expect(connecting).resolves.toBeDefined();
    expect(clock.sleeping).toBe(0);
  });

  it("is told that the host is unreachable where nobody has the address, after three questions", async () => {
    const { clock, fabric } = await network();
    fabric.detach?.("10.0.0.1", "target");
    expect(await dialled(clock, fabric, 127_000)).toEqual(["EHOSTUNREACH", 3_000]);
  });
});

describe("a slow link", () => {
  it("delays each message, and keeps their order when it gets faster", async () => {
    const { clock, fabric, connect } = await network();
    const { near, far } = await connect();
    const seen = listenTo(far.stream);
    const slow = fabric.trouble({ between: [[host], ["10.0.0.1"]], does: { is: "slow", millis: 100 } });
    near.stream.write("a");
    await clock.advance(60);
    near.stream.write("b");
    await clock.advance(40);
    expect(seen.text).toBe("a");
    slow.heal();
    near.stream.write("c");
    await turns();
    expect(seen.text).toBe("abc");
    expect(clock.sleeping).toBe(0);
  });

  it("loses, doubles and disorders nothing, whatever happens to it", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("send", "cut", "slow", "heal", "wait"), { maxLength: 40 }),
        async (events) => {
          const { clock, fabric, connect } = await network();
          const { near, far } = await connect();
          const seen = listenTo(far.stream);
          let healing: (() => void)[] = [];
          let sent = "";
          for (const [index, event] of events.entries()) {
            if (event === "send") {
              sent += `${index},`;
              near.stream.write(`${index},`);
            } else if (event === "wait") await clock.advance(70);
            else if (event === "heal") {
              for (const heal of healing) heal();
              healing = [];
            } else {
              const does = event === "cut" ? ({ is: "cut" } as const) : ({ is: "slow", millis: 50 } as const);
              healing.push(fabric.trouble({ between: [[host], "all"], does }).heal);
            }
            expect(sent.startsWith(seen.text)).toBe(true);
          }
          for (const heal of healing) heal();
          await turns();
          expect([seen.text, clock.sleeping]).toEqual([sent, 0]);
        },
      ),
      { numRuns: 50 },
    ));
});

describe("an address", () => {
  it("that is gone is silent, and comes back with its connections", async () => {
    const { fabric, connect } = await network();
    const { near, far } = await connect();
    const seen = listenTo(far.stream);
    fabric.detach?.("10.0.0.1", "target");
    near.stream.write("hello");
    await turns();
    expect([seen.text, seen.closed]).toEqual(["", false]);
    fabric.attach?.("10.0.0.1", "target");
    await turns();
    expect([seen.text, seen.closed]).toEqual(["hello", false]);
  });

  it("that somebody else has now resets the connections of who had it before", async () => {
    const { fabric, connect } = await network();
    const { near, far } = await connect();
    const [atTarget, atHost] = [listenTo(far.stream), listenTo(near.stream)];
    fabric.detach?.("10.0.0.1", "target");
    fabric.attach?.("10.0.0.1", "the next boot");
    await turns();
    expect([atTarget.closed, atHost.closed]).toEqual([false, true]);
  });
});
