import { expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { startFleet, type TestFleet, walkthrough } from "../../support/fleet.ts";

async function connected(): Promise<TestFleet> {
  const fleet = await startFleet();
  expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  return fleet;
}

const unlinked = "/sys/kernel/config/nvmet/ports/1/subsystems/nvmet-test";
const soon = () => systemClock.now() + 5000;

test("nodes lists every node with its exports, connections and labels", async () => {
  await using fleet = await connected();
  const { out, code } = await fleet.cli("nodes");
  expect(code).toBe(0);
  const rows = out.split("\n").map((line) => line.split(/\s{2,}/));
  expect(rows[0]).toEqual(["NODE", "STATE", "HEARD", "EXPORTS", "CONNECTIONS", "SPEC", "AGENT", "LABELS"]);
  expect(rows[1]).toEqual(["initiator-1", "connected", "0s ago", "0", "1", "3", "test", "initiators"]);
  expect(rows[3]?.[0]).toBe("target");
  expect(rows[3]?.[3]).toBe("1");
  const lines = (await fleet.cli("nodes", "targets", "-o", "json")).lines();
  expect(lines).toMatchObject([
    { node: "target", state: "connected", exports: 1, connections: 0, labels: { targets: true } },
  ]);
});

test("facts tells drives, addresses, kernel and what uses a drive", async () => {
  await using fleet = await connected();
  const lines = (await fleet.cli("facts", "target", "-o", "json")).lines();
  expect(lines).toHaveLength(1);
  const text = JSON.stringify(lines[0]);
  for (const part of ["VB-1", "192.168.1.92", "6.12", "nvmet-test"]) expect(text).toContain(part);
  const people = await fleet.cli("facts", "target");
  expect(people.out).toMatch(/^target => \{\n/);
});

test("facts of an agent that has stopped are an error for that node alone, and the exit code 4", async () => {
  await using fleet = await connected();
  await fleet.node("initiator-2").stop();
  const answer = await fleet.cli("facts", "-o", "json");
  expect(answer.code).toBe(4);
  const byNode = Object.fromEntries(answer.lines().map((line) => [line.node, line]));
  expect(byNode["initiator-2"]).toMatchObject({ error: { code: "node_unreachable" } });
  expect(byNode.target).not.toHaveProperty("error");
});

test("health is 0 and a table while all works, as text and as JSON", async () => {
  await using fleet = await connected();
  const text = await fleet.cli("health");
  expect(text).toMatchObject({ code: 0, err: "" });
  expect(text.out).toMatch(/initiator-1 +\/dev\/nvme0n1 +2\.00 GB +1\/1 +target +nvmet-test +healthy\n/);
  expect(text.out).toContain("2 connections: 2 healthy; 3 nodes");
  const json = await fleet.cli("health", "initiator-1", "-o", "json");
  expect(json.code).toBe(0);
  expect(json.lines()).toMatchObject([
    {
      is: "connection",
      initiator: "initiator-1",
      state: "healthy",
      targets: ["target"],
      size: 2e9,
      paths: [{ state: "live" }],
    },
    { is: "node", node: "initiator-1", state: "healthy" },
  ]);
});

test("an export that somebody unlinks by hand is put back by its agent", async () => {
  await using fleet = await connected();
  const { system } = fleet.node("target");
  await system.do({ op: "unlink", path: unlinked }, soon());
  await expect.poll(() => system.readlink(unlinked).catch(() => ""), { timeout: 10_000 }).toContain("nvmet-test");
  await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 20_000 }).toBe(0);
});

test("health is 2 and says why while a path is down, and 0 again when it is back", async () => {
  await using fleet = await connected();
  const target = fleet.node("target");
  // Without its agent nobody puts it back.
  await target.stop();
  await target.system.do({ op: "unlink", path: unlinked }, soon());
  await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 10_000 }).toBe(2);
  const text = await fleet.cli("health");
  expect(text.out).toMatch(/initiator-\d .* 0\/1 .* failed +path tcp 192\.168\.1\.92:4420 is \w+: /);
  await expect
    .poll(async () => (await fleet.cli("health", "-o", "json")).lines(), { timeout: 10_000 })
    .toContainEqual(
      expect.objectContaining({
        is: "connection",
        initiator: "initiator-2",
        state: "failed",
        reasons: [expect.stringContaining("path tcp 192.168.1.92:4420 is ")],
      }),
    );
  await target.start();
  await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 20_000 }).toBe(0);
});

test("health of a chosen node tells of that node alone", async () => {
  await using fleet = await connected();
  const playbook = await fleet.file(
    "gone.yaml",
    "- hosts: initiator-1\n  tasks:\n    - nvme_connection: { nqn: nvmet-test, state: absent }\n",
  );
  expect((await fleet.cli("run", playbook)).code).toBe(0);
  const lines = (await fleet.cli("health", "initiator-1", "-o", "json")).lines();
  expect(lines).toMatchObject([{ is: "node", node: "initiator-1", state: "healthy" }]);
});

test("a fleet without nodes says how to start one", async () => {
  await using fleet = await startFleet({ nodes: {} });
  expect(await fleet.cli("nodes")).toMatchObject({
    code: 0,
    out: "",
    err: expect.stringContaining("flashfleet agent --name"),
  });
  expect((await fleet.cli("health")).code).toBe(0);
  const run = await fleet.cli("run", walkthrough);
  expect(run).toMatchObject({ code: 1, out: "" });
  expect(run.err).toContain("the inventory is empty");
});
