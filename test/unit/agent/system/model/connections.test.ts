import { describe, expect, it } from "vitest";
import { build, connectTo, controllers, exportBoth, never, nqnA, nqnB, pair, turns } from "./lab.ts";

const peer = { transport: "tcp", local: "10.0.0.1", port: 4420, remote: "10.0.0.2" };

/** Two controllers, of which the first has three I/O queues, and the second as many as the host has processors. */
async function connected() {
  const nodes = await pair();
  await exportBoth(nodes.target);
  await nodes.initiator.do(connectTo(nqnA, { nr_write_queues: 1 }), never);
  await nodes.initiator.do(connectTo(nqnB), never);
  await turns();
  return nodes;
}

describe("the TCP connections of a target", () => {
  it("are one for each queue of each controller", async () => {
    const { target } = await connected();
    expect(target.connections(4420)).toEqual(new Array(4 + 3).fill(peer));
    expect(target.connections(8009)).toEqual([]);
    const rows = (await target.read("/proc/net/tcp")).split("\n").filter((row) => row.includes(" 01 "));
    expect(rows).toHaveLength(7);
  });

  it("are no more of I/O than the subsystem allows", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [["write", `subsystems/${nqnA}/attr_qid_max`, "1", "ok"]]);
    await initiator.do(connectTo(nqnA), never);
    expect(target.connections(4420)).toHaveLength(2);
  });

  it("can be ended from one peer, by ss -K: its controllers connect again", async () => {
    const { clock, target, initiator } = await connected();
    expect(target.closeConnections("10.0.0.9", 4420)).toEqual([]);
    expect(target.closeConnections("10.0.0.2", 4421)).toEqual([]);
    expect(target.closeConnections("10.0.0.2", 4420)).toHaveLength(7);
    await turns();
    expect(target.connections(4420)).toEqual([]);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`, `nvme3 connecting ${nqnB}`]);
    await clock.advance(2000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`, `nvme3 live ${nqnB}`]);
  });
});
