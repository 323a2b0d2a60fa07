import { expect, test } from "vitest";
import { openPairDesk } from "../../support/pair-desk.ts";
import { renderTree } from "../../support/render-tree.ts";

const desk = openPairDesk();
const { command, done } = desk;

const play = (initiators: string, volume: string) =>
  `- name: Remote flash\n  vars: { flashfleet_pool: all }\n  pair:\n    targets: flash01\n    initiators: ${initiators}\n    authentication: dhchap\n    volumes: [${volume}]\n`;
const data = "{ name: data, size: 1GB }";
const gone = "{ name: data, state: absent }";

const identity = (node: string, uuid: string) =>
  `- hosts: ${node}\n  gather_facts: false\n  tasks:\n    - nvme_host_identity: { hostnqn: "nqn.2014-08.org.nvmexpress:uuid:${uuid}", hostid: ${uuid} }\n`;

test("the host NQN of another initiator's volumes is not believed, nor are its keys given out by it", async () => {
  await done(play("db01", data));
  const { system } = desk.fleet.node("db01");
  const hostnqn = String(await system.read("/etc/nvme/hostnqn")).trim();
  const key = String(await system.read("/sys/class/nvme/nvme0/dhchap_secret")).trim();
  expect(key).toMatch(/^DHHC-1:/);
  // Nobody but the records of volumes knows by now whose it is.
  await desk.fleet.node("db01").stop();
  await desk.fleet.stopController();
  await desk.fleet.startController();
  const nodes = async () => (await desk.fleet.cli("nodes", "-o", "json")).lines().map(({ node }) => node);
  await expect.poll(nodes, { timeout: 60_000 }).toEqual(["db02", "flash01", "flash02"]);
  const exported = () => renderTree(desk.fleet.node("flash01").system);
  const before = await exported();
  // A stolen node that says what is not true.
  await done(identity("db02", hostnqn.split(":").at(-1) ?? ""));
  const { code, out } = await command("run", play("db02", data));
  expect([code, out]).toEqual([2, expect.stringContaining("identity_conflict")]);
  expect(out).toContain("db01");
  expect(await exported()).toEqual(before);
  expect(JSON.stringify(desk.fleet.node("db02").store.secrets.get())).not.toContain(key);
  await done(identity("db02", crypto.randomUUID()));
  await desk.fleet.node("db01").start();
  await done(play("db01", gone));
});

test("a key that the run made shows nowhere, whoever prints it", async () => {
  const text = `${play("db01", data)}  tasks:\n    - command: cat /sys/class/nvme/nvme0/dhchap_secret\n`;
  const answer = await done(text, "-v", "-o", "json");
  expect(answer.out).toContain("[secret]");
  expect(answer.out + answer.err + desk.fleet.logs.join("")).not.toMatch(/DHHC-1:/);
  await done(play("db01", gone));
});

test("a node that is given up and has no volume is given none", async () => {
  const before = await desk.fleet.world();
  const { code, out } = await command("run", play("db01", data), "--abandon", "db01");
  expect([code, out]).toEqual([0, expect.stringContaining("ok: [db01]")]);
  expect(await desk.fleet.world()).toEqual(before);
});

test("hosts of the inventory that are no nodes are in nobody's way", async () => {
  const inventory = await desk.fleet.file(
    "odd.ini",
    "[flash]\nflash01\n[databases]\ndb01\n[others]\nweb_1.example.com\n",
  );
  await done(play("db01", data), "-i", inventory);
  await done(play("db01", gone), "-i", inventory);
});
