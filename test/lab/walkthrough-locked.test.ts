import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { formatDhchapKey } from "../../shared/nvme/dhchap.ts";
import { describeLab, say } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { Program } from "./programs.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";
import { filesWith } from "./support/leaks.ts";

const PLAYBOOK = "playbooks/data-in-a-flash-locked.yaml";
const REMOVAL = "playbooks/data-in-a-flash-remove.yaml";
const STATE = "sh test/lab/support/kernel-state.sh";
/** Debian's 6.1 has no CONFIG_NVME_TARGET_AUTH. */
const authenticates = inject("kernel") !== "6.1";

describeLab("the locked walkthrough", () => {
  let fleet: Fleet<"target" | "initiator">;
  let target: Machine;
  let initiator: Machine;
  let controller: ControllerProcess;
  let folder: string;
  let watchers: Program[];
  let before: string[];
  const key = formatDhchapKey(randomBytes(32));
  const wrongKey = formatDhchapKey(randomBytes(32));
  // Also without its head, in case somebody cuts a key up.
  const secrets = [key, wrongKey].map((each) => each.slice("DHHC-1:00:".length, -1));
  let options: string[];
  const state = () => Promise.all([target.output(STATE), initiator.output(STATE)]);

  beforeAll(async () => {
    fleet = await Fleet.pair("walkthrough-locked", inject("kernel"));
    ({ controller } = fleet);
    ({ target, initiator } = fleet.at);
    folder = await mkdtemp(join(tmpdir(), "ff-keys-"));
    options = ["-e", `target_address=${target.addressTowards(initiator)}`];
    await keyFile("keys.yaml", key);
    before = await state();
    await Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine)));
    const watch = "while :; do ps axwwe >> /run/lab/ps; /run/busybox usleep 200000; done";
    watchers = fleet.machines.map((machine) => machine.start(watch));
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  async function keyFile(name: string, value: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `dhchap_key: "${value}"\n`, { mode: 0o600 });
    return path;
  }

  const run = () =>
    controller.command("run", PLAYBOOK, ...options, "-e", `@${join(folder, "keys.yaml")}`, "-v", "--diff");

  it("exports to the initiator alone, which proves its key; or says that the kernel cannot", async () => {
    const { code, stdout, stderr } = await run();
    if (!authenticates) {
      expect(code).toBe(2);
      expect(stdout).toContain('"code": "kernel_lacks"');
      expect(stdout).toContain("CONFIG_NVME_TARGET_AUTH");
      expect(
        await target.output("cd /sys/kernel/config/nvmet && ls hosts subsystems ports | grep -v ':$' || true"),
      ).toBe("");
      return;
    }
    expect(code, stdout + stderr).toBe(0);
    expect(await controller.output("health")).toContain("1 connection: 1 healthy");
    const hostnqn = await initiator.output("cat /etc/nvme/hostnqn");
    const subsystem = "/sys/kernel/config/nvmet/subsystems/nvmet-test";
    expect(await target.output(`cat ${subsystem}/attr_allow_any_host; ls ${subsystem}/allowed_hosts`)).toBe(
      `0\n${hostnqn}`,
    );
    expect(await target.output(`cat /sys/kernel/config/nvmet/hosts/${hostnqn}/dhchap_key`)).toBe(key);
    await initiator.waitFor(/authenticated/);
    expect(await initiator.output("nvme list")).toMatch(/^\/dev\/nvme0n1 .* Linux /m);
  });

  it("changes nothing when it is run again", async ({ skip }) => {
    skip(!authenticates, "this kernel has no authentication");
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
  });

  it("refuses a wrong key, and says what to compare", async ({ skip }) => {
    skip(!authenticates, "this kernel has no authentication");
    const playbook = join(folder, "wrong.yaml");
    const address = target.addressTowards(initiator);
    await writeFile(
      playbook,
      `- hosts: initiators
  tasks:
    - nvme_connection: { nqn: nvmet-test, state: absent }
    - nvme_connection: { nqn: nvmet-test, dhchap_secret: "{{ dhchap_key }}", paths: [{ address: ${address} }] }
`,
    );
    const wrong = await keyFile("wrong-key.yaml", wrongKey);
    const { code, stdout } = await controller.command("run", playbook, "-e", `@${wrong}`, "-v", "--diff");
    say(stdout.slice(stdout.lastIndexOf("fatal:")).split("\n\n")[0] ?? "");
    expect(code).toBe(2);
    // The same refusal: Linux 6.12 gives it at once, or as EIO when its admin command runs into the minute.
    expect(stdout).toMatch(/EKEYREJECTED|EIO/);
    expect(stdout).toMatch(/hint: .*the DH-HMAC-CHAP key of one end is not the one the other has/);
    expect(await initiator.output("ls /sys/class/nvme")).toBe("");
    expect((await run()).code).toBe(0);
    expect(await controller.output("health")).toContain("1 connection: 1 healthy");
  });

  it("shows no key in outputs, logs, runs, specs, process lists, or the controller's data", async () => {
    const runs = (await controller.output("runs", "-o", "json")).trim().split("\n");
    expect(runs.length).toBeGreaterThan(0);
    await controller.output("facts", "all", "-o", "json");
    for (const watcher of watchers) watcher.signal("KILL");
    const shown = {
      commands: controller.shown.join("\n"),
      controller: controller.lines.tail(Number.POSITIVE_INFINITY),
      ...Object.fromEntries(
        fleet.machines.flatMap((machine) => [
          [`agent on ${machine.name}`, fleet.agent(machine).lines.tail(Number.POSITIVE_INFINITY)],
          [`kernel of ${machine.name}`, machine.console.tail(Number.POSITIVE_INFINITY)],
        ]),
      ),
    };
    for (const [where, text] of Object.entries(shown)) {
      // A kernel may have had nothing to say.
      if (!where.startsWith("kernel")) expect(text, where).not.toBe("");
      for (const secret of secrets) expect(text.includes(secret), where).toBe(false);
    }
    for (const machine of fleet.machines) {
      const processes = await readFile(join(machine.directory, "share", "ps"), "utf8");
      expect(processes.match(/COMMAND/g)?.length).toBeGreaterThan(5);
      for (const secret of secrets) expect(processes.includes(secret), `processes of ${machine.name}`).toBe(false);
      // On the node itself a key is kept for the next boot: in one file, for root alone.
      const agent = join(machine.directory, "share", "agent");
      if (authenticates) expect(await filesWith(agent, secrets)).toEqual([join(agent, "secrets.json")]);
      expect(await machine.output("find /run/lab/agent -type f -perm /077")).toBe("");
    }
    expect(await filesWith(controller.data, secrets)).toEqual([]);
  });

  it("is taken down again, and leaves nothing", async () => {
    await controller.output("run", REMOVAL, ...options);
    expect(await state()).toEqual(before);
    const again = await controller.output("run", REMOVAL, ...options);
    expect(again.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
  });
});
