import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";
import { healthOf } from "./support/health.ts";
import { LivePaths } from "./support/live-paths.ts";
import { PairPlays } from "./support/pair-play.ts";
import { VerifiedIo } from "./support/verified-io.ts";
import { drivesOf, volumeBecomes, volumeOf, volumesOf } from "./support/volumes.ts";

const MEBIBYTE = 2 ** 20;
const target = (serial: string) => ({ label: "targets", memory: 512, drives: [{ size: 256 * MEBIBYTE, serial }] });
const machines = {
  flash01: target("FLASH-1"),
  flash02: target("FLASH-2"),
  db01: { label: "initiators", memory: 640, cpus: 2 },
};
const MOVED_TO = "10.20.2.101";
/** An address of flash01 that db01 does not reach. */
const AWAY = "10.99.9.1";
const FIRST = "db01/first";
const SECOND = "db01/second";
/** Debian's 6.1 has no CONFIG_NVME_TARGET_AUTH. */
const authenticates = inject("kernel") !== "6.1";

const common = {
  authentication: authenticates ? "dhchap-bidirectional" : "none",
  connect: { iopolicy: "round-robin", reconnect_delay: 2 },
};
const first = { name: "first", size: "200MB" };
const second = { name: "second", size: "200MB" };
const pair = {
  ...common,
  paths: 2,
  addresses: ["10.20.1.0/24", "10.20.2.0/24"],
  // No two on one target.
  spread: "inventory_hostname",
  volumes: [first, second],
};
const moved = { ...pair, volumes: [{ ...first, addresses: ["10.20.1.0/24", `${MOVED_TO}/32`] }, second] };
const newest = authenticates ? { key_version: 2 } : {};
const CONFIGURED = "cd /sys/kernel/config/nvmet && ls -d hosts/* ports/* subsystems/* 2>/dev/null; true";

/** Two, one on each target, over two networks. From when they are made until they are taken down, fio writes to both and verifies. */
describeLab("volumes in use", () => {
  let fleet: Fleet<keyof typeof machines>;
  let flash01: Machine;
  let db01: Machine;
  let controller: ControllerProcess;
  let plays: PairPlays;
  let works: VerifiedIo[];
  let paths: LivePaths;

  beforeAll(async () => {
    fleet = await Fleet.open({ name: "volumes", kernel: inject("kernel"), machines, networks: ["a", "b"] });
    ({ controller } = fleet);
    ({ flash01, db01 } = fleet.at);
    plays = new PairPlays(controller, db01.directory);
    await timed("agents start", () => Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine))));
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  async function play(name: string, fields: typeof pair | typeof moved, ...options: string[]): Promise<string> {
    const { code, stdout, stderr } = await plays.run(name, fields, ...options);
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  }

  /** Asks until `flashfleet explain` says that of a volume with which something is wrong, and prints it. */
  async function explained(name: string, cause: string): Promise<string> {
    let said = "";
    const ask = async () => {
      const { code, stdout } = await controller.command("explain", name);
      said = stdout.trim();
      return [code, said];
    };
    await expect.poll(ask, { timeout: 60_000 }).toEqual([2, expect.stringContaining(`cause:  ${cause}`)]);
    say(said);
    return said;
  }

  /** Starts fio on a volume; flashfleet finds it well, with both its paths. */
  async function workOn(name: string): Promise<VerifiedIo> {
    const { nqn, state, paths } = await volumeOf(controller, name);
    expect({ state, paths }).toEqual({ state: "healthy", paths: { live: 2, expected: 2 } });
    const health = await healthOf(controller, nqn);
    return VerifiedIo.start(db01, health?.devices[0] ?? "", name.replace("/", "-"));
  }

  const allGoOn = () => timed("fio verifies both", () => Promise.all(works.map((work) => work.anotherRound())));

  const keysIn = (machine: Machine, field: string) => machine.output(`cat ${field} | sort -u`);

  it("leave nothing behind where they cannot be made", async () => {
    await flash01.output(`/run/busybox ip addr add ${AWAY}/24 dev ${await flash01.interfaceIn("a")}`);
    await db01.output(`/run/busybox ip route add unreachable ${AWAY}/32`);
    const where = { ...common, targets: "flash01", addresses: `${AWAY}/32`, volumes: [first] };
    const { code, stdout } = await plays.run("make where db01 does not get to", where);
    expect(code).toBe(2);
    expect(stdout).toContain(`volume ${FIRST}: cannot find it at ${AWAY}:4421 at db01`);
    expect(stdout).toContain("both ends are as they were before");
    for (const machine of [flash01, db01]) expect(await machine.output(CONFIGURED)).toBe("");
    expect(await volumesOf(controller)).toMatchObject([{ volume: FIRST, state: "allocated", targets: ["flash01"] }]);
    await flash01.output(`/run/busybox ip addr del ${AWAY}/24 dev ${await flash01.interfaceIn("a")}`);
  });

  it("are made, and carry data", async () => {
    await play("make", pair);
    expect(await volumeOf(controller, SECOND)).toMatchObject({ targets: ["flash02"] });
    // A check copies db01 into a model: not while fio has its processors.
    for (const options of [["--check"], []]) {
      expect(await play(`make again ${options.join("")}`, pair, ...options)).toMatch(/^db01 +: ok=\d+ +changed=0 /m);
    }
    works = await Promise.all([workOn(FIRST), workOn(SECOND)]);
    paths = await LivePaths.watch(db01);
  });

  it("take other keys while they are written to", async ({ skip }) => {
    skip(!authenticates, "this kernel has no authentication");
    const proofs = [
      { hosts: "dhchap_key", connections: "dhchap_secret" },
      { hosts: "dhchap_ctrl_key", connections: "dhchap_ctrl_secret" },
    ].map(({ hosts, connections }) => ({
      hosts: `/sys/kernel/config/nvmet/hosts/*/${hosts}`,
      connections: `/sys/class/nvme/nvme*/${connections}`,
    }));
    const before = await Promise.all(proofs.map(({ connections }) => keysIn(db01, connections)));
    const watch = await LivePaths.watch(db01);
    await play("take other keys", { ...pair, ...newest });
    for (const [index, { hosts, connections }] of proofs.entries()) {
      const key = await keysIn(db01, connections);
      expect(key).toMatch(/^DHHC-1:\S+$/);
      expect(key).not.toBe(before[index]);
      for (const machine of [flash01, fleet.at.flash02]) expect(await keysIn(machine, hosts)).toBe(key);
    }
    expect(
      new Set([...before, ...(await Promise.all(proofs.map((each) => keysIn(db01, each.connections))))]).size,
    ).toBe(4);
    await allGoOn();
    say(`fewest live paths at any time: ${await watch.fewest()} of 4`);
    await Promise.all([FIRST, SECOND].map((name) => volumeBecomes(controller, name, "healthy")));
  });

  it("go on over the other path while one is cut, and have both again", async () => {
    await flash01.setLink("b", false);
    const [, cut] = await Promise.all([
      timed("cut: until the kernel of db01 gives the path up", () => paths.become(3)),
      volumeBecomes(controller, FIRST, "degraded"),
    ]);
    const where = `${flash01.addressIn("b")}:4421`;
    expect(cut.paths).toEqual({ live: 1, expected: 2 });
    const explanation = await explained(FIRST, `the path from db01 to ${where} of flash01 is connecting`);
    expect((await volumeOf(controller, FIRST)).reasons.join()).toContain(`path tcp ${where} is connecting`);
    expect(explanation).toContain(`remedy: ping from db01 to ${flash01.addressIn("b")}`);
    await allGoOn();
    expect(await volumeOf(controller, FIRST)).toMatchObject({ state: "degraded" });
    expect(await volumeOf(controller, SECOND)).toMatchObject({ state: "healthy" });
    await flash01.setLink("b", true);
    await Promise.all([
      timed("mended: until the kernel of db01 has the path again", () => paths.become(4)),
      volumeBecomes(controller, FIRST, "healthy"),
    ]);
    await allGoOn();
  });

  it("wait while their target is away, and go on after it has booted", async () => {
    const [waiting, working] = works;
    const { nqn } = await volumeOf(controller, FIRST);
    const { devices, uuids } = (await healthOf(controller, nqn)) ?? {};
    const booted = timed("reset of flash01", () => flash01.reset());
    await Promise.all([
      timed("reset: until the kernel of db01 gives both paths up", () => paths.become(2)),
      volumeBecomes(controller, FIRST, "failed"),
    ]);
    await explained(FIRST, "nothing heard of flash01 for");
    const rounds = waiting?.rounds;
    await timed("fio verifies the volume of the other target", async () => working?.anotherRound());
    await booted;
    expect(waiting?.rounds).toBe(rounds);
    const agent = fleet.launchAgent(flash01);
    await Promise.all([
      timed("agent started: until it has restored the export", () =>
        agent.lines.waitFor(/restored what the spec says/, { within: 180_000 }),
      ),
      timed("agent started: until the kernel of db01 has both paths again", () => paths.become(4)),
      volumeBecomes(controller, FIRST, "healthy"),
    ]);
    await allGoOn();
    expect(await healthOf(controller, nqn)).toMatchObject({ devices, uuids });
  });

  it("have a path moved to another address, the new one first", async () => {
    const card = await flash01.interfaceIn("b");
    await flash01.output(`/run/busybox ip addr add ${MOVED_TO}/24 dev ${card}`);
    const { nqn } = await volumeOf(controller, FIRST);
    const watch = await LivePaths.watch(db01);
    await play("move a path", { ...moved, ...newest });
    await allGoOn();
    // A machine that gets no processor for seconds loses paths by itself.
    say(`fewest live paths at any time: ${await watch.fewest()} of 4`);
    const told = (await db01.output("dmesg")).split("\n");
    const line = (pattern: string) => told.findIndex((each) => new RegExp(pattern).test(each));
    const made = (address: string) => `new ctrl: NQN "${nqn}", addr ${address}:`;
    const [, old = ""] = new RegExp(`(nvme\\d+): ${made(flash01.addressIn("b"))}`).exec(told.join("\n")) ?? [];
    expect(line(made(MOVED_TO))).toBeGreaterThan(0);
    expect(line(`${old}: Removing ctrl`)).toBeGreaterThan(line(made(MOVED_TO)));
    const { legs } = await volumeBecomes(controller, FIRST, "healthy");
    const ports = legs.flatMap((leg) => leg.ports);
    expect(ports.map(({ address }) => address)).toEqual([flash01.addressIn("a"), MOVED_TO]);
    const ids = ports.map(({ id }) => id).toSorted();
    expect(await flash01.output("ls /sys/kernel/config/nvmet/ports")).toBe(ids.join("\n"));
    expect(await healthOf(controller, nqn)).toMatchObject({
      paths: ports.map(({ address }) => ({ address, state: "live" })),
    });
  });

  it("are not taken down while they are in use", async () => {
    const { nqn } = await volumeOf(controller, FIRST);
    const [device] = (await healthOf(controller, nqn))?.devices ?? [];
    // fio opens it anew for each round.
    const holder = db01.start(`exec 3< ${device}; echo held; exec sleep 600`);
    await holder.lines.waitFor(/^held$/);
    const { code, stdout } = await plays.run("remove", { ...pair, volumes: [{ ...first, state: "absent" }] });
    expect(code, stdout).toBe(2);
    expect(stdout).toMatch(/device_in_use.* open in process \d+ \(/);
    expect(await volumeOf(controller, FIRST)).toMatchObject({ state: "healthy", paths: { live: 2, expected: 2 } });
    await allGoOn();
    holder.signal("TERM");
    await holder.ended;
  });

  it("have lost nothing, and no I/O has failed", async () => {
    for (const work of works) say(await work.end());
    const failures = "I/O error|rejecting I/O|identifiers changed|Remounting|blk_update_request|hung_task";
    expect(await db01.output(`dmesg | grep -E '${failures}' || true`)).toBe("");
  });

  it("are taken down, and leave nothing but their data", async () => {
    const volumes = [first, second].map((each) => ({ ...each, state: "absent" }));
    await play("remove", { ...pair, volumes });
    for (const machine of [flash01, fleet.at.flash02]) expect(await machine.output(CONFIGURED)).toBe("");
    expect(await db01.output("ls /sys/class/nvme /sys/class/nvme-subsystem | grep '[0-9]'; true")).toBe("");
    expect(await volumesOf(controller)).toEqual([]);
    const left = await drivesOf(controller);
    expect(left.map(({ state, volume }) => [state, volume])).toEqual([
      ["dirty", FIRST],
      ["dirty", SECOND],
    ]);
    for (const { node, device } of left) await controller.output("drive", "wipe", node, device, "--yes");
    expect((await drivesOf(controller)).map(({ node, state }) => [node, state])).toEqual([
      ["flash01", "free"],
      ["flash02", "free"],
    ]);
  });
}, ["fio"]);
