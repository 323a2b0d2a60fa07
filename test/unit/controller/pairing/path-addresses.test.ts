import { describe, expect, test } from "vitest";
import { addressRule, pathAddresses } from "../../../../controller/pairing/path-addresses.ts";
import type { AddressFacts } from "../../../../shared/protocol/facts.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";

const on = (name: string, address: string, mac = `02:00:00:00:00:${name.length}${name.at(-1)}`): AddressFacts => ({
  interface: name,
  address,
  family: address.includes(":") ? "ipv6" : "ipv4",
  prefix: 24,
  mac,
});

const node = [
  on("lo", "127.0.0.1"),
  on("eth0", "192.168.0.1"),
  on("eth1", "10.20.1.1"),
  on("eth1", "fe80::1"),
  on("eth2", "10.20.2.1"),
  on("eth2", "10.20.2.2"),
  on("docker0", "172.17.0.1"),
];

interface Asked {
  rule?: string[];
  count: number;
  kept?: string[];
  load?: Record<string, number>;
  addresses?: AddressFacts[];
}

function chosen({ rule, count, kept = [], load = {}, addresses = node }: Asked) {
  const found = pathAddresses(NodeId.parse("flash01"), addresses, {
    rule: rule === undefined ? undefined : addressRule(rule),
    count,
    kept,
    load: (address) => load[address] ?? 0,
  });
  return "addresses" in found ? found.addresses : found.reason;
}

describe("which addresses carry the paths of a volume", () => {
  test.each<[string, Asked, string[] | string]>([
    ["one of those in a network", { rule: ["10.20.0.0/16"], count: 1 }, ["10.20.1.1"]],
    ["one of each NIC", { rule: ["10.20.0.0/16"], count: 2 }, ["10.20.1.1", "10.20.2.1"]],
    ["those of named interfaces", { rule: ["eth2"], count: 1 }, ["10.20.2.1"]],
    ["without a rule any that others could reach", { count: 3 }, ["192.168.0.1", "10.20.1.1", "10.20.2.1"]],
    ["those with fewer volumes first", { rule: ["10.20.0.0/16"], count: 1, load: { "10.20.1.1": 2 } }, ["10.20.2.1"]],
    ["what a volume has stays", { rule: ["10.20.0.0/16"], count: 2, kept: ["10.20.2.2"] }, ["10.20.2.2", "10.20.1.1"]],
    [
      "two on one NIC are refused",
      { rule: ["eth2"], count: 2 },
      "flash01 has addresses on 1 NIC only in eth2 (10.20.2.1 on eth2, 10.20.2.2 on eth2), and 2 paths are asked for",
    ],
    [
      "two VLANs of one NIC are one NIC",
      { count: 2, addresses: [on("eth0.10", "10.0.0.1", "02:aa"), on("eth0.20", "10.0.1.1", "02:aa")] },
      "flash01 has addresses on 1 NIC only (10.0.0.1 on eth0.10, 10.0.1.1 on eth0.20), and 2 paths are asked for",
    ],
    [
      "none is told",
      { rule: ["10.99.0.0/16"], count: 1 },
      "flash01 has no address in 10.99.0.0/16, and 1 path is asked for",
    ],
  ])("%s", (_, asked, expected) => {
    expect(chosen(asked)).toEqual(expected);
  });
});
