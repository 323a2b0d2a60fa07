import { beforeEach, describe, expect, test } from "vitest";
import { Assumptions } from "../../../../controller/run/assumptions.ts";
import { CallId, NodeId } from "../../../../shared/protocol/ids.ts";
import type { AssumedListener } from "../../../../shared/protocol/listener.ts";
import type { Done } from "../../../../shared/protocol/reply.ts";
import { Secret } from "../../../../shared/secret.ts";

const [target, initiator, other] = ["target", "initiator", "other"].map((name) => NodeId.parse(name));
if (target === undefined || initiator === undefined || other === undefined) throw new Error("no nodes");

const done = (more: Partial<Done>): Done => ({
  v: 1,
  id: CallId.parse("c"),
  is: "done",
  outcome: "changed",
  generation: 1,
  steps: [],
  result: {},
  ...more,
});

const listener = (address: string, port = 4420, key?: string): AssumedListener => ({
  node: target,
  release: "6.12.0",
  transport: "tcp",
  address,
  port,
  subsystems: [
    {
      nqn: "nqn.s",
      serial: "S",
      model: "Linux",
      allowAnyHost: false,
      allowedHosts: [{ nqn: "nqn.h", ...(key === undefined ? {} : { key }) }],
      namespaces: [],
      cntlids: { least: 1, most: 100 },
    },
  ],
});

const at = (address: string, service_id = "4420") => ({ transport: "tcp", address, service_id });
const asking = (more: object) => ({ node: initiator, endpoints: [], others: [], addresses: [], secrets: {}, ...more });

let assumptions: Assumptions;
beforeEach(() => {
  assumptions = new Assumptions();
});

describe("what a check's orders may assume", () => {
  test("are the addresses that they name, however these are spelled, and no others", () => {
    const listeners = [listener("10.0.0.1"), listener("10.0.0.1", 4421), listener("fd00::1")];
    assumptions.take(target, done({ listeners }));
    expect(assumptions.of(asking({ endpoints: [at("10.0.0.1")] })).assume).toEqual([listeners[0]]);
    expect(assumptions.of(asking({ endpoints: [at("fd00:0:0::0001")] })).assume).toEqual([listeners[2]]);
    expect(assumptions.of(asking({ endpoints: [at("10.0.0.2")] }))).toEqual({});
    expect(assumptions.of(asking({ node: target, endpoints: [at("10.0.0.1")] })).assume).toEqual([]);
  });

  test("are what was said last of an address", () => {
    assumptions.take(target, done({ listeners: [listener("10.0.0.1")] }));
    assumptions.take(target, done({ listeners: [{ ...listener("10.0.0.1"), subsystems: [] }] }));
    expect(assumptions.of(asking({ endpoints: [at("10.0.0.1")] })).assume).toMatchObject([{ subsystems: [] }]);
  });

  test("name keys as the reader knows them, and hold none", () => {
    const same = new Secret("DHHC-1:00:same:");
    assumptions.remember({ "theirs@1": same, "theirs@2": new Secret("DHHC-1:00:another:") });
    const listeners = ["theirs@1", "theirs@2", "lost@1"].map((key, index) => listener("10.0.0.1", 4420 + index, key));
    assumptions.take(target, done({ listeners }));
    const endpoints = [0, 1, 2].map((index) => at("10.0.0.1", String(4420 + index)));
    const told = assumptions.of(asking({ endpoints, secrets: { "mine@7": new Secret("DHHC-1:00:same:") } }));
    const keys = told.assume?.flatMap(({ subsystems }) => subsystems.flatMap((each) => each.allowedHosts[0]?.key));
    expect(keys).toEqual(["mine@7", "other", "unknown"]);
    expect(JSON.stringify(told)).not.toContain("DHHC");
  });

  test("of addresses that only the node's spec names are told once, until it has forgotten them", () => {
    assumptions.take(target, done({ listeners: [listener("10.0.0.1")] }));
    const more = asking({ others: [at("10.0.0.1")] });
    expect(assumptions.of(more).assume).toHaveLength(1);
    expect(assumptions.of(more)).toEqual({});
    assumptions.forget(initiator);
    expect(assumptions.of(more).assume).toHaveLength(1);
  });

  test("are the connections to the node's own addresses, as it said them or has reported them", () => {
    const connection = { node: initiator, transport: "tcp", port: 4420, from: ["10.0.0.2"], nqns: [] };
    const connections = ["10.0.0.1", "10.0.0.9"].map((address) => ({ ...connection, address }));
    assumptions.take(initiator, done({ connections }));
    expect(assumptions.of(asking({ node: target }))).toEqual({});
    expect(assumptions.of(asking({ node: target, addresses: ["10.0.0.9"] })).connections).toEqual([connections[1]]);
    assumptions.take(target, done({ addresses: ["10.0.0.1"] }));
    expect(assumptions.of(asking({ node: target })).connections).toEqual([connections[0]]);
    expect(assumptions.of(asking({ node: other }))).toEqual({});
  });
});
