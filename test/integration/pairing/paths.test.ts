import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type PairFleet, startPairFleet } from "../../support/pair-fleet.ts";

let fleet: PairFleet;
beforeAll(async () => {
  fleet = await startPairFleet();
});
afterAll(() => fleet[Symbol.asyncDispose]());
afterEach(async () => {
  await gone();
  await fleet.cli("drive", "wipe", "flash01", "/dev/nvme0n1", "--yes");
});

let files = 0;
const run = async (volumes: string, more = "") => {
  const text = `- name: Remote flash\n  vars: { flashfleet_pool: all }\n  pair:\n    targets: flash01\n    initiators: db01\n    authentication: dhchap-bidirectional\n    connect: { keep_alive_tmo: 1, reconnect_delay: 1 }\n${more}    volumes: ${volumes}\n`;
  return fleet.cli("run", await fleet.file(`p${files++}.yml`, text));
};

async function done(volumes: string, more?: string): Promise<void> {
  const answer = await run(volumes, more);
  expect(answer.code, answer.out + answer.err).toBe(0);
}

const gone = () => done("[{ name: data, state: absent }]");
const over = (...networks: string[]) =>
  `[{ name: data, size: 1GB, paths: ${networks.length}, addresses: [${networks.join(", ")}] }]`;
const both = over("10.20.0.0/16", "10.30.0.0/16");
const stateNow = async () => (await fleet.cli("volumes", "db01/data", "-o", "json")).lines()[0];

test("a volume moves off an address that its target has lost", async () => {
  await done(both);
  const { system } = fleet.node("flash01");
  await system.removeAddress("10.30.1.1");
  await expect.poll(async () => (await stateNow())?.state, { timeout: 30_000 }).toBe("degraded");
  await system.addAddress("10.30.1.9/16");
  await done(both);
  expect(await stateNow()).toMatchObject({ state: "healthy", paths: { live: 2, expected: 2 } });
  expect(await fleet.world()).not.toContainEqual(expect.stringContaining("10.30.1.1"));
  await gone();
  await system.removeAddress("10.30.1.9");
  await system.addAddress("10.30.1.1/16");
});

test("a volume gets another path and another key at once", async () => {
  await done(over("10.20.0.0/16"));
  await done(both, "    key_version: 2\n");
  expect(await stateNow()).toMatchObject({ state: "healthy", keyVersion: 2, paths: { live: 2, expected: 2 } });
});

test("a volume that could not be made at one address is made at another", async () => {
  fleet.arm("db01", [{ at: { op: "connect" }, times: "for ever", trouble: { is: "errno", errno: "EIO" } }]);
  expect((await run(over("10.20.0.0/16"))).code).toBe(2);
  fleet.arm("db01");
  const { system } = fleet.node("flash01");
  await system.removeAddress("10.20.1.1");
  await done(over("10.30.0.0/16"));
  expect(await stateNow()).toMatchObject({ state: "healthy", legs: [{ ports: [{ address: "10.30.1.1" }] }] });
  await system.addAddress("10.20.1.1/16");
});
