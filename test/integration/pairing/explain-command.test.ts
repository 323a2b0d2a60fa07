import { expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { startPairFleet } from "../../support/pair-fleet.ts";

const play = `- name: Remote flash
  vars: { flashfleet_pool: all }
  pair:
    targets: flash
    initiators: db01
    paths: 2
    volumes:
      - { name: data, size: 1GB }
`;

test("explain names one cause and one remedy, and the figures where nothing is wrong", async () => {
  await using fleet = await startPairFleet();
  expect((await fleet.cli("run", await fleet.file("pair.yml", play))).code).toBe(0);
  await expect.poll(async () => (await fleet.cli("explain", "db01/data")).code, { timeout: 10_000 }).toBe(0);
  const well = await fleet.cli("explain", "db01/data");
  expect(well.out).toMatch(
    /^db01\/data on db01: healthy\n {2}cause: {2}nothing is wrong: 2 of 2 paths live \(10\.20\.1\.1:44\d\d, 10\.30\.1\.1:44\d\d\), 2\.00 GB on flash01\n$/,
  );
  expect((await fleet.cli("explain", "flash01", "-o", "json")).lines()).toMatchObject([
    { about: ["node flash01"], state: "healthy", cause: expect.stringContaining("1 volume, 1 export, 0 connections") },
  ]);

  const [{ nqn } = { nqn: "" }] = (await fleet.cli("volumes", "-o", "json")).lines();
  const refused = {
    at: { op: "symlink", path: "/ports/1/" },
    times: "for ever",
    trouble: { is: "errno", errno: "EADDRNOTAVAIL" },
  } as const;
  fleet.arm("flash01", [refused]);
  const { system } = fleet.node("flash01");
  const path = `/sys/kernel/config/nvmet/ports/1/subsystems/${String(nqn)}`;
  await system.do({ op: "unlink", path }, systemClock.now() + 5000);
  // configfs has no events: something else has to make its agent look.
  await system.addAddress("10.40.1.1/16");
  await expect
    .poll(async () => (await fleet.cli("explain", "db01/data", "-o", "json")).lines(), { timeout: 20_000 })
    .toMatchObject([
      {
        about: ["db01/data on db01"],
        state: "degraded",
        at: "flash01",
        cause: expect.stringMatching(/^flash01 says: cannot link .* EADDRNOTAVAIL$/),
        remedy: expect.stringContaining("put the address back on flash01"),
      },
    ]);
  expect((await fleet.cli("explain", "db01/data")).code).toBe(2);
  await expect
    .poll(async () => (await fleet.cli("explain", "db01", "-o", "json")).lines(), { timeout: 20_000 })
    .toMatchObject([{ about: ["db01/data on db01"], state: "degraded", at: "flash01" }]);

  fleet.arm("flash01");
  await expect.poll(async () => (await fleet.cli("explain", "db01")).code, { timeout: 40_000 }).toBe(0);
  expect(await fleet.cli("explain", "db77/data")).toMatchObject({
    code: 1,
    err: expect.stringContaining("there is no volume or node db77/data"),
  });
});

test("a volume in doubt names the end that it waits for, then the run that is due", async () => {
  await using fleet = await startPairFleet();
  const view = fleet.arm("db01", [{ at: { op: "connect" }, trouble: { is: "kill", when: "before" } }]);
  const playbook = await fleet.file("pair.yml", play);
  // A killed agent's connection goes with it.
  void view.ended.then(() => fleet.node("db01").bus.close());
  expect((await fleet.cli("run", playbook)).code).toBe(4);
  await expect
    .poll(async () => (await fleet.cli("explain", "db01/data", "-o", "json")).lines(), { timeout: 30_000 })
    .toMatchObject([
      {
        about: ["db01/data on db01"],
        state: "in doubt",
        at: "db01",
        cause: expect.stringMatching(/^it is in doubt: .*db01.*; it waits for db01$/),
        remedy: expect.stringContaining("--abandon db01"),
      },
    ]);
  const listed = (await fleet.cli("drive", "list", "flash01", "-o", "json")).lines();
  const device = String(listed.find(({ volume }) => volume === "db01/data")?.device);
  expect(await fleet.cli("drive", "wipe", "flash01", device, "--yes")).toMatchObject({
    code: 1,
    err: expect.stringContaining("volume db01/data lies on it"),
  });

  await fleet.revive("db01");
  fleet.arm("db01");
  expect((await fleet.cli("explain", "db01/data")).out).toContain("run the playbook again, which brings it to an end");
  expect((await fleet.cli("run", playbook)).code).toBe(0);
  expect((await fleet.cli("explain", "db01/data")).code).toBe(0);
});
