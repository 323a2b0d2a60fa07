import { describe, expect, test } from "vitest";
import { isJsonRecord, type JsonRecord } from "../../../shared/protocol/json.ts";
import { type Answer, recapOf } from "../../support/cli.ts";
import { openPairDesk } from "../../support/pair-desk.ts";
import { startPairFleet } from "../../support/pair-fleet.ts";

const desk = openPairDesk();
const { done } = desk;
const run = (text: string) => desk.command("run", text);

interface Asked {
  volumes: string;
  initiators?: string;
  more?: string;
  play?: string;
}

function pair({ volumes, initiators = "db01", more = "", play = "" }: Asked): string {
  return `- name: Remote flash\n  vars: { flashfleet_pool: all }\n${play}  pair:\n    targets: flash\n    initiators: ${initiators}\n${more}    volumes: ${volumes}\n`;
}

/** What volumes came to, by host. */
function resultsOf(answer: Answer): Map<string, JsonRecord> {
  const all = answer.lines().flatMap(({ results }) => (Array.isArray(results) ? results.filter(isJsonRecord) : []));
  return new Map(all.flatMap(({ host, result }) => (isJsonRecord(result) ? [[String(host), result]] : [])));
}

const read = async (node: string, path: string) => String(await desk.fleet.node(node).system.read(path)).trim();

async function keysAt(node: string): Promise<string[]> {
  const { system } = desk.fleet.node(node);
  const controllers = await system.list("/sys/class/nvme");
  const keys = controllers.map((name) => read(node, `/sys/class/nvme/${name}/dhchap_secret`).catch(() => ""));
  return (await Promise.all(keys)).filter((key) => key !== "" && key !== "none");
}

describe("keys", () => {
  const locked = (version: number, volumes: string) =>
    pair({
      volumes,
      more: `    authentication: dhchap\n    key_version: ${version}\n    connect: { keep_alive_tmo: 1, reconnect_delay: 1 }\n`,
    });
  const both = "[{ name: a, size: 1GB, targets: flash01 }, { name: b, size: 1GB, targets: flash01 }]";

  test("of all volumes that an initiator has on a target change with those of one", async () => {
    await done(locked(1, both));
    const before = await keysAt("db01");
    expect([before.length, new Set(before).size]).toEqual([2, 1]);
    await done(locked(2, "[{ name: a, size: 1GB, targets: flash01 }]"));
    const after = await keysAt("db01");
    expect([after.length, new Set(after).size]).toEqual([2, 1]);
    expect(after[0]).not.toBe(before[0]);
    expect((await desk.fleet.cli("health")).code).toBe(0);
    expect(recapOf((await done(locked(2, both))).out)).toMatchObject({ db01: { changed: 0 } });
  });

  test("do not change while a path is not live", async () => {
    await done(locked(2, both));
    const { system } = desk.fleet.node("db01");
    const [controller = ""] = (await system.list("/sys/class/nvme")).slice(-1);
    const before = await keysAt("db01");
    await desk.fleet.node("flash01").powerCut();
    await expect
      .poll(() => read("db01", `/sys/class/nvme/${controller}/state`), { timeout: 30_000 })
      .toBe("connecting");
    const { code, out } = await run(locked(3, both));
    expect([code, out]).toEqual([2, expect.stringMatching(/is connecting|has no drive|did not answer|not live/)]);
    expect(await keysAt("db01")).toEqual(before);
    // What was undone is in place nowhere: the play of before is right again.
    await desk.fleet.node("flash01").start();
    await expect.poll(() => read("db01", `/sys/class/nvme/${controller}/state`), { timeout: 30_000 }).toBe("live");
    expect(recapOf((await done(locked(2, both))).out)).toMatchObject({ db01: { changed: 0 } });
    await done(locked(3, both));
    await done(pair({ volumes: "[{ name: a, state: absent }, { name: b, state: absent }]" }));
  });
});

describe("a volume", () => {
  test("grows with its device, through to its initiator", async () => {
    const device = "/dev/disk/by-id/nvme-SSD_B1";
    const text = (size: string) =>
      pair({ volumes: `[{ name: grows, device: ${device}, size: ${size}, targets: flash02 }]` });
    await done(text("2GB"));
    desk.fleet.node("flash02").system.resizeDrive("nvme0n1", 3_000_000_000);
    const grown = resultsOf(await done(text("3GB"), "-o", "json")).get("db01");
    expect(grown).toMatchObject({ size: 3_000_000_000, changed: true });
    await done(pair({ volumes: "[{ name: grows, state: absent }]" }));
  });

  test("may lie on a file that is named, and grows with it", async () => {
    const { system } = desk.fleet.node("flash02");
    const resize = (size: number) => system.startProcess().truncate("/srv/volume.img", size);
    const text = (size: number) =>
      pair({ volumes: `[{ name: file, device: /srv/volume.img, size: ${size}, targets: flash02 }]` });
    resize(10_000_000);
    expect(resultsOf(await done(text(10_000_000), "-o", "json")).get("db01")).toMatchObject({ changed: true });
    expect(recapOf((await done(text(10_000_000))).out)).toMatchObject({ db01: { changed: 0 } });
    expect((await desk.fleet.cli("volumes", "db01/file", "-o", "json")).lines()).toMatchObject([{ state: "healthy" }]);
    const { code, out } = await run(text(20_000_000));
    expect([code, out]).toEqual([2, expect.stringContaining("bytes, not 20000000")]);
    expect(recapOf((await done(text(10_000_000))).out)).toMatchObject({ db01: { changed: 0 } });
    resize(20_000_000);
    await done(text(20_000_000));
    // The initiator's agent tells of it with the kernel's event.
    await expect.poll(async () => (await desk.fleet.cli("health", "flash02:db01")).code).toBe(0);
    await done(pair({ volumes: "[{ name: file, state: absent }]" }));
  });

  test("that all share takes initiators in and out, and the others notice nothing", async () => {
    const shared = (initiators: string, state = "present") =>
      pair({ volumes: `[{ name: quorum, share: all, size: 1GB, targets: flash01, state: ${state} }]`, initiators });
    const first = resultsOf(await done(shared("db01"), "-o", "json")).get("db01");
    const logged = await desk.fleet
      .node("db01")
      .system.read("/dev/kmsg")
      .catch(() => "");
    const second = resultsOf(await done(shared("databases"), "-o", "json"));
    expect(second.get("db02")).toMatchObject({ uuid: first?.uuid, nqn: first?.nqn, changed: true });
    expect(second.get("db01")).toMatchObject({ changed: false });
    await done(shared("db02", "absent"));
    expect((await desk.fleet.cli("health", "db01")).out).toContain("1 connection: 1 healthy");
    expect(
      await desk.fleet
        .node("db01")
        .system.read("/dev/kmsg")
        .catch(() => ""),
    ).toBe(logged);
    await done(shared("db01", "absent"));
  });

  test("may share its port with others, which stays until the last of them goes", async () => {
    const text = (volumes: string) => pair({ volumes, more: "    port: shared\n    addresses: 10.20.0.0/16\n" });
    const [a, b] = ["{ name: a, size: 1GB, targets: flash01 }", "{ name: b, size: 1GB, targets: flash01 }"];
    await done(text(`[${a}, ${b}]`));
    const ports = () => desk.fleet.node("flash01").system.list("/sys/kernel/config/nvmet/ports");
    expect(await ports()).toHaveLength(1);
    await done(text("[{ name: a, state: absent }]"));
    expect(await ports()).toHaveLength(1);
    expect(recapOf((await done(text(`[${b}]`))).out)).toMatchObject({ db01: { changed: 0 } });
    await done(text("[{ name: b, state: absent }]"));
    expect(await ports()).toEqual([]);
  });

  test("from two targets has paths to both, and prefers the optimized one", async () => {
    const device = "/dev/disk/by-id/nvme-SSD_R";
    await using twins = await startPairFleet({
      flash01: { label: "flash", addresses: ["10.20.1.1/16"], drives: [{ serial: "R", model: "SSD", size: 2e9 }] },
      flash02: { label: "flash", addresses: ["10.20.1.2/16"], drives: [{ serial: "R", model: "SSD", size: 2e9 }] },
      db01: { label: "databases", addresses: ["10.20.2.1/16"] },
    });
    const text = pair({
      volumes: `[{ name: r, device: ${device}, size: 2GB, backing: replicated, optimized: flash02 }]`,
    });
    const answer = await twins.cli("run", await twins.file("r.yml", text));
    expect(answer.code, answer.out + answer.err).toBe(0);
    const { system } = twins.node("db01");
    const states = (await system.list("/sys/class/nvme-subsystem/nvme-subsys0")).filter((name) =>
      /^nvme\d+$/.test(name),
    );
    expect(states).toHaveLength(2);
    const health = await twins.cli("health", "db01");
    expect([health.code, health.out]).toEqual([0, expect.stringContaining("2/2")]);
    const groups = await Promise.all(
      ["flash01", "flash02"].map((node) =>
        twins.node(node).system.read("/sys/kernel/config/nvmet/ports/1/ana_groups/1/ana_state"),
      ),
    );
    expect(groups.map((state) => String(state).trim())).toEqual(["non-optimized", "optimized"]);
  });
});

describe("a play over many initiators", () => {
  test("goes on batch by batch, and stops where too many pairs fail", async () => {
    desk.fleet.arm("db01", [{ at: { op: "connect" }, times: "for ever", trouble: { is: "errno", errno: "EIO" } }]);
    const text = pair({
      volumes: "[{ name: s, size: 1GB }]",
      initiators: "databases",
      play: "  serial: 1\n  max_fail_percentage: 0\n",
    });
    const { code, out } = await run(text);
    expect(code).toBe(2);
    expect(recapOf(out)).toMatchObject({ db01: { failed: 1 } });
    expect(out).not.toContain("[db02]");
    expect(out).toContain("both ends are as they were before");
    desk.fleet.arm("db01");
    await done(text);
    await done(pair({ volumes: "[{ name: s, state: absent }]", initiators: "databases" }));
  });

  test("puts the volumes of an initiator on targets that differ in a variable", async () => {
    const text = pair({
      volumes: "[{ name: x, size: 1GB }, { name: y, size: 1GB }]",
      more: "    spread: rack\n",
    });
    const inventory = await desk.fleet.file(
      "racks.ini",
      "[flash]\nflash01 rack=1\nflash02 rack=2\n[databases]\ndb01\ndb02\n[all:vars]\nflashfleet_pool=all\n",
    );
    await done(text, "-i", inventory);
    const volumes = (await desk.fleet.cli("volumes", "db01", "-o", "json")).lines();
    expect(volumes.map(({ targets }) => String(targets)).sort()).toEqual(["flash01", "flash02"]);
  });
});
