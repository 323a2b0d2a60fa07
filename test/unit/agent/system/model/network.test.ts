import { describe, expect, it } from "vitest";
import type { Change } from "../../../../../agent/system/system.ts";
import {
  build,
  connectTo,
  controllers,
  errnoOf,
  exportBoth,
  never,
  node,
  nqnA,
  pair,
  portSteps,
  targetNode,
  turns,
  watched,
} from "./lab.ts";

const second = {
  interface: "eth0",
  address: "10.0.0.7",
  family: "ipv4",
  prefix: 24,
  mac: "52:54:00:00:00:07",
} as const;

/** What a node is told while something happens on it. */
async function told(system: { changes(signal: AbortSignal): AsyncIterable<Change> }, act: () => Promise<void>) {
  const stop = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { subsystem, action, device } of system.changes(stop.signal)) {
      seen.push(`${subsystem} ${action} ${device}`);
    }
  })();
  await act();
  await turns();
  stop.abort();
  await watching;
  return seen;
}

describe("addresses", () => {
  it("come and go with an event each", async () => {
    const system = node("n", "10.0.0.1/24");
    const of = async () => (await system.addresses()).map(({ address }) => address).slice(2);
    expect(await told(system, () => system.addAddress(second))).toEqual(["net add eth0"]);
    expect(await of()).toEqual(["10.0.0.1", "10.0.0.7"]);
    expect(await errnoOf(system.addAddress(second))).toBe("EEXIST");
    expect(await told(system, () => system.removeAddress("10.0.0.1"))).toEqual(["net remove eth0"]);
    expect(await of()).toEqual(["10.0.0.7"]);
    expect(await errnoOf(system.removeAddress("10.0.0.1"))).toBe("EADDRNOTAVAIL");
  });

  it("that are not there are refused at the link, and taken once they are", async () => {
    const system = await targetNode({}, "10.0.0.9/24");
    await build(system, [["mkdir", "subsystems/a", "ok"], ...portSteps()]);
    const link = { op: "symlink", path: "/sys/kernel/config/nvmet/ports/1/subsystems/a" } as const;
    const to = "/sys/kernel/config/nvmet/subsystems/a";
    expect(await errnoOf(system.do({ ...link, to }, never))).toBe("EADDRNOTAVAIL");
    await system.addAddress("10.0.0.1/24");
    expect(await errnoOf(system.do({ ...link, to }, never))).toBe("ok");
  });

  it("that go leave the listener where it was; connections are silent until they are back", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    await target.removeAddress("10.0.0.1");
    expect(await target.read("/proc/net/tcp")).toContain("0100000A:1144");
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(2_000);
    expect([reading.result, await controllers(initiator)]).toEqual(["waits", [`nvme2 live ${nqnA}`]]);
    await target.addAddress("10.0.0.1/24");
    await turns();
    expect(reading.result).toBe("ok");
    expect(clock.sleeping).toBe(0);
  });

  it("that go for long lose their hosts, who come back to the same listener", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    await target.removeAddress("10.0.0.1");
    await clock.advance(60_000);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await target.addAddress("10.0.0.1/24");
    await clock.advance(5_000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
  });

  it("may move to another node, which resets the connections that it does not know", async () => {
    const { clock, fabric, target, initiator } = await pair();
    await exportBoth(target);
    const other = await targetNode({ clock, fabric }, "10.0.0.3/24");
    await initiator.do(connectTo(nqnA), never);
    await turns();
    await target.removeAddress("10.0.0.1");
    await other.addAddress("10.0.0.1/24");
    await exportBoth(other);
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await clock.advance(2_000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    expect(await other.read("/proc/net/tcp")).toMatch(/0100000A:1144 \w+:8000 01/);
  });

  it("that are added are heard by a listener on all addresses", async () => {
    const { target, initiator } = await pair();
    await build(target, [
      ["mkdir", "subsystems/a", "ok"],
      ...portSteps(1, "0.0.0.0"),
      ["link", "ports/1/subsystems/a", "subsystems/a", "ok"],
    ]);
    await target.addAddress(second);
    expect(await errnoOf(initiator.dial({ address: "10.0.0.7", port: 4420 }, never))).toBe("ok");
    expect(await errnoOf(initiator.dial({ address: "10.0.0.1", port: 4420 }, never))).toBe("ok");
  });
});

describe("an interface that is down", () => {
  it("hides its addresses and is silent, keeps IPv4 for the machine itself, and loses IPv6", async () => {
    const { clock, target, initiator } = await pair();
    await target.addAddress({ ...second, address: "fd00::7", family: "ipv6", prefix: 64 });
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    expect(await told(target, () => target.setInterface("eth0", "down"))).toEqual([
      "net remove eth0",
      "net change eth0",
    ]);
    expect((await target.addresses()).map((each) => each.interface)).toEqual(["lo", "lo"]);
    expect(await errnoOf(target.dial({ address: "10.0.0.1", port: 4420 }, never))).toBe("ok");
    expect(await errnoOf(target.dial({ address: "10.0.0.2", port: 4420 }, never))).toBe("ENETUNREACH");
    await clock.advance(6_250);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await target.setInterface("eth0", "up");
    expect((await target.addresses()).map(({ address }) => address)).toEqual(["127.0.0.1", "::1", "10.0.0.1"]);
    await clock.advance(5_000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
  });
});

describe("a connection from a program", () => {
  it("tries for as long as TCP does, or its deadline", async () => {
    const { clock, fabric, initiator } = await pair();
    fabric.trouble({ between: [["10.0.0.1"], "all"], does: { is: "cut" } });
    const to = { address: "10.0.0.1", port: 4420 };
    const [short, long] = [watched(initiator.dial(to, 10_000)), watched(initiator.dial(to, never))];
    await clock.advance(10_000);
    expect([short.result, long.result]).toEqual(["ETIMEDOUT", "waits"]);
    await clock.advance(116_999);
    expect(long.result).toBe("waits");
    await clock.advance(1);
    expect(long.result).toBe("ETIMEDOUT");
  });
});
