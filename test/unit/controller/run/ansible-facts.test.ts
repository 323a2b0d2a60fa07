import { describe, expect, test } from "vitest";
import { gatherFacts } from "../../../../agent/observe/facts.ts";
import { ansibleFacts, factsLayer } from "../../../../controller/run/ansible-facts.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { type JsonRecord, toJson } from "../../../../shared/protocol/json.ts";
import { modelNode } from "../../../support/agent-node.ts";

const facts = async (change: (facts: JsonRecord) => void = () => {}) => {
  const gathered = toJson(await gatherFacts(modelNode({ hostname: "flash01.example.org" }), systemClock)) as JsonRecord;
  change(gathered);
  return gathered;
};
const evaluate = async (text: string, gathered?: JsonRecord) =>
  compileTemplate(text).evaluate(new Scope([factsLayer(gathered ?? (await facts()))]));

describe("variables of facts", () => {
  test.each([
    ["{{ facts.hostname }}", "flash01.example.org"],
    ["{{ ansible_hostname }} {{ ansible_nodename }} {{ ansible_domain }}", "flash01 flash01.example.org example.org"],
    ["{{ ansible_facts.distribution }} {{ ansible_facts['os_family'] }}", "Debian Debian"],
    ["{{ ansible_default_ipv4.address }}/{{ ansible_default_ipv4.prefix }}", "10.0.0.1/24"],
    ["{{ ansible_default_ipv4.network }} {{ ansible_default_ipv4.netmask }}", "10.0.0.0 255.255.255.0"],
    ["{{ ansible_eth0.ipv4.broadcast }}", "10.0.0.255"],
    ["{{ ansible_all_ipv4_addresses | join(',') }}", "10.0.0.1"],
    ["{{ ansible_mounts[0].mount }} {{ ansible_mounts[0].uuid }}", "/ N/A"],
    ["{{ ansible_memtotal_mb }}", 4096],
    ["{{ ansible_system }} {{ ansible_architecture }}", "Linux x86_64"],
    ["{{ 'kernel' in ansible_facts }}", true],
  ])("%s", async (text, value) => {
    expect(await evaluate(text)).toBe(value);
  });

  test("an unknown one is undefined, with a suggestion", async () => {
    await expect(async () => evaluate("{{ ansible_distribtion }}")).rejects.toMatchObject({
      hint: "did you mean 'ansible_distribution'?",
    });
    await expect(async () => evaluate("{{ ansible_facts.osfamily }}")).rejects.toThrow();
  });

  test("an agent of before has facts, and none of Ansible's", async () => {
    const old = await facts((each) => {
      delete each.system;
    });
    expect(ansibleFacts(old)).toBeUndefined();
    expect(await evaluate("{{ facts.hostname }} {{ ansible_hostname is defined }}", old)).toBe(
      "flash01.example.org False",
    );
  });
});

test.each([
  ["10.1.2.3", 8, "255.0.0.0", "10.0.0.0", "10.255.255.255"],
  ["192.168.7.9", 20, "255.255.240.0", "192.168.0.0", "192.168.15.255"],
  ["203.0.113.5", 32, "255.255.255.255", "203.0.113.5", ""],
  ["203.0.113.5", 0, "0.0.0.0", "0.0.0.0", "255.255.255.255"],
])("the address %s/%i has its netmask, network and broadcast", async (address, prefix, netmask, network, broadcast) => {
  const gathered = await facts((each) => {
    each.addresses = [{ interface: "br-0", address, family: "ipv4", prefix, mac: "02:00:00:00:00:01" }];
  });
  expect(ansibleFacts(gathered)?.br_0).toMatchObject({ ipv4: { address, netmask, network, broadcast } });
});
