import { expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { pairNodes } from "../../support/pair-fleet.ts";

const play = `- name: Remote flash
  vars: { flashfleet_pool: all }
  pair:
    targets: flash
    initiators: databases
    paths: 2
    volumes:
      - { name: data, size: 1GB }
`;
const soon = () => systemClock.now() + 5000;

async function paired(): Promise<TestFleet> {
  const fleet = await startFleet({ nodes: pairNodes });
  expect((await fleet.cli("run", await fleet.file("pair.yml", play))).code).toBe(0);
  return fleet;
}

test("a fleet without volumes says how they are made", async () => {
  await using fleet = await startFleet({ nodes: {} });
  expect(await fleet.cli("volumes")).toMatchObject({
    code: 0,
    out: "",
    err: "There are no volumes. A pair play makes them.\n",
  });
});

test("volumes shows each on each initiator, by nodes and by names, and what was given out", async () => {
  await using fleet = await paired();
  const { out, code } = await fleet.cli("volumes");
  expect(code).toBe(0);
  const rows = out.split("\n").map((line) => line.split(/\s{2,}/));
  expect(rows[0]).toEqual(["VOLUME", "INITIATOR", "SIZE", "TARGETS", "DEVICE", "PATHS", "STATE", "WHY"]);
  expect(rows.slice(1, 3)).toEqual(
    ["db01", "db02"].map((db, index) => [
      `${db}/data`,
      db,
      "2.00 GB",
      `flash0${index + 1}`,
      expect.stringMatching(/^\/dev\/disk\/by-id\/nvme-uuid\.[0-9a-f-]{36}$/),
      "2/2",
      "healthy",
    ]),
  );
  const names = async (...pattern: string[]) =>
    (await fleet.cli("volumes", ...pattern, "-o", "json")).lines().map(({ volume }) => volume);
  expect(await names("flash02")).toEqual(["db02/data"]);
  expect(await names("databases")).toEqual(["db01/data", "db02/data"]);
  expect(await names("db01/*")).toEqual(["db01/data"]);
  expect(await names("dat?")).toEqual(["db01/data", "db02/data"]);
  const explained = await fleet.cli("volumes", "db01/data", "--explain");
  expect(explained.out).toContain(
    "why:   the smallest free drive that fits, on the target that had the fewest volumes then (0)",
  );
  expect(explained.out).toMatch(/drive: \/dev\/disk\/by-id\/\S+ on flash01, 2\.00 GB/);
  expect(explained.out).toMatch(/path: {2}port \d+ of flash01, tcp 10\.20\.1\.1:44\d\d\n/);
  expect(await fleet.cli("volumes", "db07/data")).toMatchObject({
    code: 1,
    err: expect.stringContaining("there is no volume db07/data"),
  });
  expect(await fleet.cli("volumes", "db77")).toMatchObject({
    code: 1,
    err: expect.stringContaining("no node matches db77"),
  });
});

test("volumes tells what was changed by hand, and what nobody declared", async () => {
  await using fleet = await paired();
  const [row] = (await fleet.cli("volumes", "db01/data", "-o", "json")).lines();
  const nqn = String(row?.nqn);
  const { system } = fleet.node("flash01");
  const root = "/sys/kernel/config/nvmet";
  await system.do({ op: "mkdir", path: `${root}/hosts/nqn.stranger` }, soon());
  await system.do(
    {
      op: "symlink",
      path: `${root}/subsystems/${nqn}/allowed_hosts/nqn.stranger`,
      to: `${root}/hosts/nqn.stranger`,
    },
    soon(),
  );
  await system.do({ op: "mkdir", path: `${root}/subsystems/nqn.mine` }, soon());
  // configfs has no events: something else has to make its agent look.
  await system.addAddress("10.40.1.1/16");
  await expect
    .poll(async () => (await fleet.cli("volumes", "-o", "json")).lines(), { timeout: 20_000 })
    .toEqual([
      expect.objectContaining({
        is: "volume",
        volume: "db01/data",
        state: "degraded",
        reasons: ["flash01 lets nqn.stranger in, which is none of its initiators"],
      }),
      expect.objectContaining({ is: "volume", volume: "db02/data", state: "healthy" }),
      {
        is: "orphan",
        what: "export",
        node: "flash01",
        nqn: "nqn.mine",
        says: "flash01 exports nqn.mine, and nobody declared it",
      },
    ]);
});
