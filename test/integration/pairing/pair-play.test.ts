import { describe, expect, test } from "vitest";
import { isJsonRecord, type Json } from "../../../shared/protocol/json.ts";
import { type Answer, recapOf } from "../../support/cli.ts";
import { openPairDesk } from "../../support/pair-desk.ts";
import { changesOf, pairNodes, startPairFleet } from "../../support/pair-fleet.ts";

const desk = openPairDesk();
const { command, done } = desk;

/** A pair play for db01, unless it says otherwise. */
const play = (volumes: string, more = "", rest = "") =>
  `- name: Remote flash\n  vars: { flashfleet_pool: all }\n  pair:\n    targets: flash\n    initiators: db01\n${more}    volumes: ${volumes}\n${rest}`;

const data = "[{ name: data, size: 1GB }]";
const gone = "[{ name: data, state: absent }]";

interface Told {
  results?: { host: string; item?: string; steps?: { node?: string; says: string }[]; result: Json }[];
}

/** Host, node and step of all results. */
function stepsOf(answer: Answer): string[] {
  return answer
    .lines()
    .flatMap(({ results = [] }: Told) =>
      results.flatMap(({ host, steps = [] }) => steps.map(({ node, says }) => `${host} ${node} ${says}`)),
    );
}

function resultsOf(answer: Answer): Json[] {
  return answer.lines().flatMap(({ results = [] }: Told) => results.map(({ result }) => result));
}

/** Uuids that a plan draws are not those of the run. */
const undrawn = (steps: readonly string[]) =>
  steps.map((step) => step.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{20}\b/g, "…"));

describe("a pair play", () => {
  test("is planned as it is run, changes nothing the second time, and its end leaves the nodes as they were", async () => {
    const text = play(data, "    paths: 2\n    authentication: dhchap-bidirectional\n");
    await done(text);
    await done(play(gone));
    await desk.fleet.cli("drive", "wipe", "flash01", "/dev/nvme0n1", "--yes");
    const before = await desk.fleet.world();

    const planned = await command("plan", text, "-o", "json");
    expect(planned.code).toBe(0);
    expect(await desk.fleet.world()).toEqual(before);

    const first = await done(text, "-o", "json");
    expect(undrawn(stepsOf(planned))).toEqual(undrawn(stepsOf(first)));
    expect(stepsOf(first).length).toBeGreaterThan(15);
    const made = await desk.fleet.world();
    const second = await done(text);
    expect(recapOf(second.out)).toMatchObject({ db01: { ok: 1, changed: 0 } });
    expect(await desk.fleet.world()).toEqual(made);
    expect((await command("plan", text)).out).toContain("Plan: nothing to do");
    expect((await desk.fleet.cli("health")).code).toBe(0);

    const removal = await command("plan", play(gone));
    expect(removal.out).toContain("(may cost data risk)");
    await done(play(gone));
    expect(await desk.fleet.world()).toEqual(before);
    await desk.fleet.cli("drive", "wipe", "flash01", "/dev/nvme0n1", "--yes");
  });

  test("gives its initiator a disk that is the target's drive, by a variable of later plays too", async () => {
    const tasks = "  tasks:\n    - command: { argv: [echo, '{{ volumes.data.device }}'] }\n      register: said\n";
    const answer = await done(play(data, "", tasks), "-o", "json");
    const device = resultsOf(answer).find((result) => isJsonRecord(result) && typeof result.device === "string");
    if (!isJsonRecord(device)) throw new Error("no volume gave a device");
    expect(device).toMatchObject({ volume: "db01/data", size: 2_000_000_000, targets: ["flash01"] });
    expect(device.device).toBe(`/dev/disk/by-id/nvme-uuid.${String(device.uuid)}`);
    const disk = await desk.fleet.node("db01").system.realpath(String(device.device));
    await desk.fleet
      .node("db01")
      .system.writeBlocks(disk.replace("/dev/", ""), 4096, new TextEncoder().encode("hello"));
    const written = await desk.fleet.node("flash01").system.readBlocks("nvme0n1", 4096, 5);
    expect(new TextDecoder().decode(written)).toBe("hello");
    const later = await done(
      "- hosts: db01\n  gather_facts: false\n  tasks:\n    - debug: { var: volumes.data.device }\n",
    );
    expect(later.out).toContain(String(device.device));
    await done(play(gone));
  });

  test("that cannot place all of its volumes touches none, and tells all at once", async () => {
    const before = await desk.fleet.world();
    const { code, out, err } = await command(
      "run",
      play(
        "[{ name: a, size: 1GB }, { name: b, size: 5TB }, { name: c, device: /dev/none, targets: flash02:flash01 }]",
      ),
    );
    expect([code, out + err]).toEqual([1, expect.stringContaining("cannot place 2 of 3 volumes, and touches none")]);
    expect(out + err).toContain("db01/b: no free drive of at least 5.00 TB on 2 targets");
    expect(out + err).toContain("db01/c: none of 2 targets has a drive /dev/none");
    expect(await desk.fleet.world()).toEqual(before);
  });

  test("keeps its entries to itself: tasks cannot change them", async () => {
    const [volume] = resultsOf(await done(play("[{ name: own, size: 1GB }]"), "-o", "json")).filter(isJsonRecord);
    const made = await desk.fleet.world();
    const meddling = `- hosts: flash\n  gather_facts: false\n  tasks:\n    - nvmet_subsystem: { nqn: "${String(volume?.nqn)}", allow_any_host: true }\n  `;
    const { code, out } = await command("run", meddling, "--limit", String([volume?.targets].flat()[0]));
    expect([code, out]).toEqual([2, expect.stringContaining("it belongs to the volume db01/own")]);
    expect(await desk.fleet.world()).toEqual(made);
    await done(play("[{ name: own, state: absent }]"));
  });

  test("does not end a volume whose disk is in use, unless that is said by name", async () => {
    await done(play("[{ name: used, size: 1GB }]"));
    const made = await desk.fleet.world();
    const { system } = desk.fleet.node("db01");
    const [disk = ""] = (await system.list("/sys/block")).filter((name) => /^nvme\d+n\d+$/.test(name));
    system.mountDrive(disk, "/mnt/data");
    const refused = await command("run", play("[{ name: used, state: absent }]"));
    expect([refused.code, refused.out]).toEqual([2, expect.stringContaining("mounted at /mnt/data")]);
    expect(refused.out).toContain("device_in_use");
    expect(await desk.fleet.world()).toEqual(made);
    await done(play(`[{ name: used, state: absent, override: [/dev/${disk}] }]`));
    expect(await desk.fleet.world()).not.toEqual(made);
    system.unmountDrive(disk);
  });
});

describe("a pair whose end is out of reach", () => {
  const slow = play("[{ name: slow, device: /dev/disk/by-id/nvme-SSD_B1, targets: flash02 }]");

  /** The initiator's agent dies as it is about to connect. */
  async function cutOff(): Promise<Answer> {
    const view = desk.fleet.arm("db01", [{ at: { op: "connect" }, trouble: { is: "kill", when: "before" } }]);
    const [answer] = await Promise.all([
      command("run", slow),
      view.ended.then(() => desk.fleet.node("db01").bus.close()),
    ]);
    return answer;
  }

  test("is in doubt, untouched by then, and brought to its end by the next run", async () => {
    // Modules that are loaded stay: that is before.
    await done(slow);
    await done(play("[{ name: slow, state: absent }]"));
    const before = await desk.fleet.world();
    const cut = await cutOff();
    expect([cut.code, cut.out]).toEqual([4, expect.stringContaining("UNREACHABLE")]);
    expect(cut.out).toContain("it is in doubt until a run brings it to an end");
    expect((await desk.fleet.cli("volumes", "db01/slow")).out).toContain("in doubt");
    expect(await desk.fleet.world()).not.toEqual(before);
    await desk.fleet.revive("db01");
    desk.fleet.arm("db01");
    await done(slow);
    expect((await desk.fleet.cli("volumes", "db01/slow")).out).toContain("healthy");
    await done(play("[{ name: slow, state: absent }]"));
    expect(await desk.fleet.world()).toEqual(before);
  });

  test("is given up with its node, and what the other end has of it goes", async () => {
    const before = await desk.fleet.world();
    await cutOff();
    const given = await command("run", slow, "--abandon", "db01");
    expect(given.code, given.out + given.err).toBe(0);
    expect(await desk.fleet.world()).toEqual(before);
    expect((await desk.fleet.cli("volumes", "-o", "json")).lines()).toEqual([]);
    await desk.fleet.revive("db01");
    desk.fleet.arm("db01");
  });
});

test("a controller that is stopped in the middle of a pair goes on with it when it is back", async () => {
  const hang = { is: "hang", done: "before", millis: 3000 } as const;
  const view = desk.fleet.arm("db01", [{ at: { op: "connect" }, trouble: hang }]);
  const running = command("run", play("[{ name: cut, size: 1GB }]"));
  await expect
    .poll(() => changesOf(view.operations).some(({ op }) => op === "connect"), { timeout: 30_000 })
    .toBe(true);
  await desk.fleet.stopController();
  await running;
  await desk.fleet.startController();
  const outcome = async () => (await desk.fleet.cli("runs", "-o", "json")).lines()[0]?.outcome;
  await expect.poll(outcome, { timeout: 60_000 }).not.toBe("running");
  const [last] = (await desk.fleet.cli("runs", "-o", "json")).lines();
  const told = await desk.fleet.cli("attach", String(last?.run));
  expect(last?.outcome, told.out + told.err).toBe("ok");
  expect((await desk.fleet.cli("volumes", "db01/cut", "-o", "json")).lines()).toMatchObject([{ state: "healthy" }]);
  await done(play("[{ name: cut, state: absent }]"));
});

test("a cloned host identity is found before anything is connected", async () => {
  await using twins = await startPairFleet({
    flash01: pairNodes.flash01 ?? {},
    db01: pairNodes.db01 ?? {},
    db02: pairNodes.db02 ?? {},
  });
  const uuid = "2f3bb1a4-5f0b-4f3c-9a53-1f1c5b9f7a11";
  const identity = `- hosts: databases\n  gather_facts: false\n  tasks:\n    - nvme_host_identity: { hostnqn: "nqn.2014-08.org.nvmexpress:uuid:${uuid}", hostid: ${uuid} }\n`;
  expect((await twins.cli("run", await twins.file("clone.yml", identity))).code).toBe(0);
  const before = await twins.world();
  const { code, out } = await twins.cli("run", await twins.file("pair.yml", play(data)));
  expect([code, out]).toEqual([2, expect.stringContaining("identity_conflict")]);
  expect(out).toContain("db02");
  expect(await twins.world()).toEqual(before);
});
