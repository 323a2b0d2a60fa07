import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { formatDhchapKey } from "../../shared/nvme/dhchap.ts";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";
import { becomes, healthOf } from "./support/health.ts";
import { LivePaths } from "./support/live-paths.ts";
import { VerifiedIo } from "./support/verified-io.ts";

const MEBIBYTE = 2 ** 20;
const target = (serial: string) => ({ label: "targets", memory: 512, drives: [{ size: 256 * MEBIBYTE, serial }] });
const machines = {
  flash01: target("FLASH-1"),
  flash02: target("FLASH-2"),
  db01: { label: "initiators", memory: 640, cpus: 2 },
};
const NETWORKS = ["a", "b"];
const MOVED_TO = "10.20.2.101";
const FIRST = "volume-flash01";
const SECOND = "volume-flash02";
/** Debian's 6.1 has no CONFIG_NVME_TARGET_AUTH. */
const authenticates = inject("kernel") !== "6.1";
const isHealthy = ({ state }: { state: string }) => state === "healthy";

/** One on each target, over two networks. From the first test to the last but one, fio writes to both and verifies. */
describeLab("volumes in use", () => {
  let fleet: Fleet<keyof typeof machines>;
  let flash01: Machine;
  let db01: Machine;
  let controller: ControllerProcess;
  let first: VerifiedIo;
  let second: VerifiedIo;
  let paths: LivePaths;

  beforeAll(async () => {
    fleet = await Fleet.open({ name: "volumes", kernel: inject("kernel"), machines, networks: NETWORKS });
    ({ controller } = fleet);
    ({ flash01, db01 } = fleet.at);
    await timed("agents start", () => Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine))));
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  /** Runs a playbook of the folder volumes. */
  async function play(name: string, variables: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const addressesOf = (machine: Machine) => NETWORKS.map((network) => machine.addressIn(network));
    const addresses = { flash01: addressesOf(flash01), flash02: addressesOf(fleet.at.flash02) };
    const file = join(db01.directory, "variables.json");
    await writeFile(file, JSON.stringify({ addresses, ...variables }), { mode: 0o600 });
    const run = () => controller.output("run", `test/lab/volumes/${name}.yaml`, "-e", `@${file}`);
    await timed(`playbook ${name}`, run);
  }

  /** Starts the fio of a volume, which health finds well, with both its paths. */
  async function workOn(nqn: string): Promise<VerifiedIo> {
    const health = await healthOf(controller, nqn);
    expect(health).toMatchObject({ state: "healthy", paths: [{ state: "live" }, { state: "live" }] });
    return VerifiedIo.start(db01, health?.devices[0] ?? "", nqn);
  }

  const bothGoOn = () => timed("fio verifies both", () => Promise.all([first.anotherRound(), second.anotherRound()]));

  it("are made, and carry data", async () => {
    await play("make", authenticates ? { dhchap_key: formatDhchapKey(randomBytes(32)) } : {});
    [first, second] = await Promise.all([workOn(FIRST), workOn(SECOND)]);
    paths = await LivePaths.watch(db01);
  });

  it("take another key while they are written to", async ({ skip }) => {
    skip(!authenticates, "this kernel has no authentication");
    const key = formatDhchapKey(randomBytes(32));
    const watch = await LivePaths.watch(db01);
    await play("rotate", { dhchap_key: key });
    for (const controllerName of ["nvme0", "nvme1", "nvme2", "nvme3"]) {
      await db01.waitFor(new RegExp(`${controllerName}: re-authenticating controller`));
    }
    expect(await db01.output("cat /sys/class/nvme/nvme*/dhchap_secret | sort -u")).toBe(key);
    expect(await flash01.output("cat /sys/kernel/config/nvmet/hosts/*/dhchap_key")).toBe(key);
    await bothGoOn();
    say(`fewest live paths at any time: ${await watch.fewest()} of 4`);
    await becomes(controller, FIRST, isHealthy, "healthy");
  });

  it("go on over the other path while one is cut, and have both again", async () => {
    await flash01.setLink("b", false);
    const [, health] = await Promise.all([
      timed("cut: until the kernel of db01 gives the path up", () => paths.become(3)),
      becomes(controller, FIRST, (judged) => judged.state === "degraded", "degraded"),
    ]);
    expect(health.reasons.join()).toContain(`path tcp ${flash01.addressIn("b")}:4420 is connecting`);
    await bothGoOn();
    expect(await healthOf(controller, FIRST)).toMatchObject({ state: "degraded" });
    expect(await healthOf(controller, SECOND)).toMatchObject({ state: "healthy" });
    await flash01.setLink("b", true);
    await Promise.all([
      timed("mended: until the kernel of db01 has the path again", () => paths.become(4)),
      becomes(controller, FIRST, isHealthy, "healthy"),
    ]);
    await bothGoOn();
  });

  it("wait while their target is away, and go on after it has booted", async () => {
    const { devices, uuids } = (await healthOf(controller, FIRST)) ?? {};
    const booted = timed("reset of flash01", () => flash01.reset());
    await Promise.all([
      timed("reset: until the kernel of db01 gives both paths up", () => paths.become(2)),
      becomes(controller, FIRST, (judged) => judged.state === "failed", "failed"),
    ]);
    const rounds = first.rounds;
    await timed("fio verifies the volume of the other target", () => second.anotherRound());
    await booted;
    expect(first.rounds).toBe(rounds);
    const agent = fleet.launchAgent(flash01);
    await Promise.all([
      timed("agent started: until it has restored the export", () =>
        agent.lines.waitFor(/restored what the spec says/, { within: 180_000 }),
      ),
      timed("agent started: until the kernel of db01 has both paths again", () => paths.become(4)),
      becomes(controller, FIRST, isHealthy, "healthy"),
    ]);
    await bothGoOn();
    expect(await healthOf(controller, FIRST)).toMatchObject({ devices, uuids });
  });

  it("have a path moved to another address, the new one first", async () => {
    const card = await flash01.interfaceIn("b");
    await flash01.output(`/run/busybox ip addr add ${MOVED_TO}/24 dev ${card}`);
    const watch = await LivePaths.watch(db01);
    await play("move", { target: "flash01", new_address: MOVED_TO });
    await bothGoOn();
    // A machine that gets no processor for seconds loses paths by itself.
    say(`fewest live paths at any time: ${await watch.fewest()} of 4`);
    const told = (await db01.output("dmesg")).split("\n");
    const line = (pattern: RegExp) => told.findIndex((each) => pattern.test(each));
    const made = line(new RegExp(`new ctrl: NQN "${FIRST}", addr ${MOVED_TO}:4420`));
    expect(made).toBeGreaterThan(0);
    expect(line(/nvme1: Removing ctrl/)).toBeGreaterThan(made);
    const health = await becomes(controller, FIRST, isHealthy, "healthy");
    expect(health).toMatchObject({
      paths: [
        { address: flash01.addressIn("a"), state: "live" },
        { address: MOVED_TO, state: "live" },
      ],
    });
    expect(await flash01.output("ls /sys/kernel/config/nvmet/ports")).toBe("1\n3");
  });

  it("have lost nothing, and no I/O has failed", async () => {
    for (const io of [first, second]) say(await io.end());
    const failures = "I/O error|rejecting I/O|identifiers changed|Remounting|blk_update_request|hung_task";
    expect(await db01.output(`dmesg | grep -E '${failures}' || true`)).toBe("");
  });

  it("are taken down, and leave nothing", async () => {
    await play("remove", { new_address: MOVED_TO });
    const configured = "cd /sys/kernel/config/nvmet; ls hosts ports subsystems | grep -v :; true";
    for (const machine of [flash01, fleet.at.flash02]) expect(await machine.output(configured)).toBe("");
    expect(await db01.output("ls /sys/class/nvme /sys/class/nvme-subsystem | grep '[0-9]'; true")).toBe("");
  });
}, ["fio"]);
