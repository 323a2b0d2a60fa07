import { expect, test } from "vitest";
import { flashfleet } from "../../support/cli.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { pairNodes } from "../../support/pair-fleet.ts";

const play = (state: string) => `- name: Remote flash
  vars: { flashfleet_pool: all }
  pair:
    targets: flash01
    initiators: db01
    volumes:
      - { name: data, size: 1GB, state: ${state} }
`;

async function states(fleet: TestFleet): Promise<Record<string, unknown>> {
  const drives = (await fleet.cli("drive", "list", "flash01", "-o", "json")).lines();
  return Object.fromEntries(drives.map(({ serial, state }) => [serial, state]));
}

test("a drive goes from free to a volume, to dirty, and by a wipe back to free", async () => {
  await using fleet = await startFleet({ nodes: pairNodes });
  expect(await states(fleet)).toEqual({ A1: "free", A2: "free" });
  const [first] = (await fleet.cli("drive", "list", "flash01", "-o", "json")).lines();
  const device = String(first?.device);
  const wipe = (...more: string[]) => fleet.cli("drive", "wipe", "flash01", device, ...more);
  expect(await wipe()).toMatchObject({ code: 0, out: `${device} of flash01 is free: there is nothing to wipe\n` });

  expect((await fleet.cli("run", await fleet.file("pair.yml", play("present")))).code).toBe(0);
  expect(await states(fleet)).toEqual({ A1: "volume", A2: "free" });
  expect(await wipe("--yes")).toMatchObject({ code: 1, err: expect.stringContaining("volume db01/data lies on it") });
  const byHand = await fleet.cli("exec", "flash01", "drive_wipe", `device=${device}`, `override=["${device}"]`);
  expect(byHand.code).toBe(2);
  expect(byHand.out + byHand.err).toContain("volume db01/data lies on it");

  expect((await fleet.cli("run", await fleet.file("gone.yml", play("absent")))).code).toBe(0);
  const list = await fleet.cli("drive", "list", "flash01");
  const rows = list.out.split("\n").map((line) => line.split(/\s{2,}/));
  expect(rows[0]).toEqual(["NODE", "DEVICE", "SIZE", "MODEL", "SERIAL", "STATE"]);
  expect(rows[1]).toEqual([
    "flash01",
    device,
    "2.00 GB",
    "SSD",
    "A1",
    expect.stringMatching(/^dirty \(was db01\/data, removed \d{4}-\d\d-\d\d\)$/),
  ]);
  expect(await wipe()).toMatchObject({ code: 5, err: expect.stringContaining("stdin is no terminal") });
  const asked: string[] = [];
  const at = (typed: string) =>
    flashfleet(fleet.environment, ["drive", "wipe", "flash01", device], {
      answer: async (question) => {
        asked.push(question);
        return typed;
      },
    });
  expect(await at("A2")).toMatchObject({ code: 5, err: expect.stringContaining("A1 was to be typed") });
  expect(await states(fleet)).toEqual({ A1: "dirty", A2: "free" });
  expect((await fleet.cli("exec", "flash01", "drive_wipe", `device=${device}`, "--check")).code).toBe(0);
  expect(await states(fleet)).toEqual({ A1: "dirty", A2: "free" });
  expect(await at("A1")).toMatchObject({ code: 0, err: expect.stringContaining("dirty (was db01/data") });
  expect(asked).toEqual(Array(2).fill("What is on it will be lost. Type its serial to wipe it: "));
  expect(await states(fleet)).toEqual({ A1: "free", A2: "free" });
  expect((await fleet.cli("runs")).out).toContain("drive_wipe");

  await fleet.stopController();
  await fleet.startController();
  await expect.poll(() => states(fleet), { timeout: 20_000 }).toEqual({ A1: "free", A2: "free" });
});

test("a drive with a file system is wiped by its other names too, and drives that are not there are told", async () => {
  await using fleet = await startFleet({ nodes: pairNodes });
  const made = await fleet.cli("exec", "flash01", "filesystem", "dev=/dev/nvme1n1", "fstype=ext4");
  expect(made.code).toBe(0);
  expect(await states(fleet)).toEqual({ A1: "free", A2: "signature" });
  expect((await fleet.cli("drive", "list", "flash01")).out).toMatch(/A2 +there is ext4 on it\n/);
  expect(await fleet.cli("drive", "wipe", "flash01", "/dev/nvme9n1", "--yes")).toMatchObject({
    code: 1,
    err: expect.stringContaining("flash01: it has no such drive"),
  });
  expect(await fleet.cli("drive", "wipe", "flash77", "/dev/nvme1n1", "--yes")).toMatchObject({ code: 1 });
  const wiped = await fleet.cli("drive", "wipe", "flash01", "/dev/nvme1n1", "--yes", "-o", "json");
  expect(wiped.code).toBe(0);
  expect(await states(fleet)).toEqual({ A1: "free", A2: "free" });
});

test("drives of a node that does not answer are an error for that node alone, and the exit code 4", async () => {
  await using fleet = await startFleet({ nodes: pairNodes });
  await fleet.node("flash02").stop();
  const answer = await fleet.cli("drive", "list", "flash", "-o", "json");
  expect(answer.code).toBe(4);
  expect(answer.lines()).toMatchObject([
    { node: "flash01", serial: "A1" },
    { node: "flash01", serial: "A2" },
    { node: "flash02", error: { code: "node_unreachable" } },
  ]);
});
