import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recapOf } from "../../support/cli.ts";
import { startFleet, type TestFleet, walkthrough } from "../../support/fleet.ts";

const drive = { serial: "P-1", model: "ORCL-VBOX-NVME-VER12", size: 2_000_000_000 };

/** Agents of one test have names of their own on this machine: another one of the same name would be refused. */
const suffix = crypto.randomUUID().slice(0, 8);

async function spawnAgent(fleet: TestFleet, name: string, label: string, machine: object): Promise<ChildProcess> {
  const model = await fleet.file(`${name}.json`, JSON.stringify(machine));
  const { url, tokenFile = "" } = fleet.controller;
  const argv = [
    ...["--import", "tsx", "agent/main.ts", "--name", `${name}-${suffix}`, "--nats", url, "--token-file", tokenFile],
    ...["--label", label, "--data", join(fleet.directory, name), "--model", model],
    ...["--fabric", join(fleet.directory, "fabric"), "--log-level", "error"],
  ];
  return spawn(process.execPath, argv, { stdio: ["ignore", "inherit", "inherit"] });
}

const nodesOf = async (fleet: TestFleet) => (await fleet.cli("nodes", "-o", "json")).lines();

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

test("agents as programs: a target that is killed with its kernel, or rebooted, comes back from its disk, and the initiator with it", async () => {
  await using fleet = await startFleet({ nodes: {} });
  const machine = { drives: [drive], addresses: ["192.168.7.1/24"] };
  const startTarget = () => spawnAgent(fleet, "target", "targets", machine);
  let target = await startTarget();
  const initiator = await spawnAgent(fleet, "initiator", "initiators", { addresses: ["192.168.7.2/24"] });
  try {
    await expect.poll(() => nodesOf(fleet), { timeout: 30_000 }).toHaveLength(2);
    const first = await fleet.cli("run", walkthrough);
    expect(first.code, first.out).toBe(0);

    await end(target, "SIGKILL");
    await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 20_000 }).toBe(2);
    target = await startTarget();
    await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 40_000 }).toBe(0);
    const again = await fleet.cli("run", walkthrough);
    expect(again.code, again.out).toBe(0);
    for (const counts of Object.values(recapOf(again.out))) expect(counts).toMatchObject({ changed: 0, failed: 0 });

    const bootId = async () =>
      (await fleet.cli("exec", "targets", "command", "cat /proc/sys/kernel/random/boot_id")).out;
    const before = await bootId();
    const rebooted = await fleet.cli("exec", "targets", "reboot", '{"override": ["192.168.7.1:4420"]}');
    expect(rebooted.code, rebooted.out + rebooted.err).toBe(0);
    expect(await bootId()).not.toBe(before);
    await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 40_000 }).toBe(0);

    const twin = await startTarget();
    expect(await once(twin, "exit")).toEqual([1, null]);
  } finally {
    await Promise.all([end(target, "SIGTERM"), end(initiator, "SIGTERM")]);
  }
  expect([target.exitCode, initiator.exitCode]).toEqual([0, 0]);
}, 120_000);
