import { spawnSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runAction } from "../../../agent/actions/actions.ts";
import type { System } from "../../../agent/system/system.ts";
import { systemClock as clock, deadlineIn } from "../../../shared/clock.ts";
import { actions, isActionName } from "../../../shared/modules/actions/actions.ts";
import { isJsonRecord, type JsonRecord, toJson } from "../../../shared/protocol/json.ts";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { type AptRoot, createAptRoot, whyNoApt } from "../../support/apt-root.ts";
import { type NestedSystemd, startSystemd, whyNoSystemd } from "../../support/nested-systemd.ts";

const soon = () => deadlineIn(clock, 60_000);

/** What a task came to, and what both tell of it. */
type Told = Readonly<Record<string, unknown>>;

async function ours(module: string, args: JsonRecord, system: System): Promise<Told> {
  if (!isActionName(module)) throw new Error(`there is no ${module}`);
  const job = { progress: () => {}, effect: async () => {} };
  const parsed = toJson(actions[module].schema.parse(args));
  const told = { system, clock, deadline: soon(), check: false, job };
  const answer = await runAction(module, parsed, told).catch(() => ({ outcome: "failed", result: {} }));
  const { state, enabled } = isJsonRecord(answer.result) ? answer.result : {};
  return { changed: answer.outcome === "changed", failed: answer.outcome === "failed", state, enabled };
}

async function theirs(before: readonly string[], module: string, args: JsonRecord): Promise<Told> {
  const words = [...before, "ansible", "localhost", "-m", module, "-a", JSON.stringify(args)];
  const { out, err } = await ansible("/", words);
  const said = /\b(SUCCESS|CHANGED|FAILED!) => (\{[\s\S]*\})/.exec(out);
  if (said === null) throw new Error(out + err);
  const { changed, state, enabled } = JSON.parse(said[2] ?? "");
  const failed = said[1] === "FAILED!";
  return { changed: changed === true, failed, ...(failed ? {} : { state, enabled }) };
}

const noApt = whyNoAnsible() ?? whyNoApt() ?? withoutPythonApt();

/** Ansible would install it on the machine. */
function withoutPythonApt(): string | undefined {
  return spawnSync("/usr/bin/python3", ["-c", "import apt"]).status === 0 ? undefined : "there is no python3-apt";
}

describe.skipIf(noApt !== undefined)(
  `apt as Ansible does it${noApt === undefined ? "" : ` (SKIPPED: ${noApt})`}`,
  () => {
    let roots: AptRoot[];
    beforeEach(async () => {
      roots = [await createAptRoot(), await createAptRoot()];
      for (const root of roots) {
        await root.publish([
          { name: "store", version: "1.0" },
          { name: "store-tools", version: "1.0", fields: { Depends: "store" } },
          { name: "mailer", version: "1.0", fields: { Provides: "mail-agent" } },
        ]);
        // Ansible looks for their age on the machine itself, wherever apt has them.
        await ours("apt", { update_cache: true }, root.system);
      }
    });
    afterEach(() => Promise.all(roots.map((root) => root[Symbol.asyncDispose]())));

    test("each task the same, and the same packages after it", async () => {
      const [own, other] = roots;
      if (own === undefined || other === undefined) throw new Error("there are two");
      const tasks: JsonRecord[] = [
        { update_cache: true },
        { name: "store-tools" },
        { name: ["store-tools", "store"] },
        { name: "mailer", state: "latest" },
        { name: "mailer", state: "latest" },
        { name: "mail-agent" },
        { name: "nope" },
        { name: "nope", state: "absent" },
        { name: "store,store-tools", state: "absent" },
        { name: "store,store-tools", state: "absent" },
        { name: "store=1.0", state: "present" },
        { name: "store=1.0", state: "present" },
        { name: "store", state: "latest", only_upgrade: true },
        { name: "store", state: "absent", purge: true },
      ];
      const variables = Object.entries(other.environment).map(([name, value]) => `${name}=${value}`);
      for (const args of tasks) {
        const told = await ours("apt", args, own.system);
        expect([args, told]).toEqual([args, await theirs(["env", ...variables], "apt", args)]);
        expect([args, own.installed()]).toEqual([args, other.installed()]);
      }
    }, 120_000);
  },
);

const noSystemd = whyNoAnsible() ?? whyNoSystemd();

describe.skipIf(noSystemd !== undefined)(
  `services as Ansible does them${noSystemd === undefined ? "" : ` (SKIPPED: ${noSystemd})`}`,
  () => {
    const unit = "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 1000\n";
    const units = {
      "demo.service": `${unit}ExecReload=/bin/true\n[Install]\nWantedBy=default.target\n`,
      "fixed.service": unit,
    };
    let nested: NestedSystemd[];
    beforeAll(async () => {
      nested = [await startSystemd(units), await startSystemd(units)];
    }, 180_000);
    afterAll(() => Promise.all((nested ?? []).map((each) => each[Symbol.asyncDispose]())));

    test("each task the same, and the same state after it", async () => {
      const [own, other] = nested;
      if (own === undefined || other === undefined) throw new Error("there are two");
      const says = async ({ system }: NestedSystemd) => {
        let text = "";
        const argv = ["systemctl", "show", "-p", "ActiveState,UnitFileState", "demo", "fixed"] as const;
        for await (const each of system.exec({ argv }, soon())) if (each.is === "stdout") text += each.text;
        return text;
      };
      const tasks: JsonRecord[] = [
        { name: "demo", state: "started" },
        { name: "demo", state: "started", enabled: true },
        { name: "demo.service", enabled: true },
        { name: "demo", state: "reloaded" },
        { name: "demo", state: "restarted", daemon_reload: true },
        { name: "demo", state: "stopped", enabled: false },
        { name: "demo", state: "stopped", enabled: false },
        { name: "demo", state: "reloaded" },
        { name: "demo", state: "stopped", masked: true },
        { name: "demo", masked: true },
        { name: "demo", state: "started" },
        { name: "demo", masked: false, state: "restarted" },
        { name: "fixed", enabled: true },
        { name: "nope", state: "started" },
        { daemon_reload: true },
      ];
      const home = ["env", "HOME=/tmp", "ANSIBLE_LOCAL_TEMP=/tmp", "ANSIBLE_REMOTE_TEMP=/tmp"];
      for (const args of tasks) {
        const told = await ours("systemd_service", args, own.system);
        expect([args, told]).toEqual([args, await theirs([...other.within, ...home], "systemd", args)]);
        expect([args, await says(own)]).toEqual([args, await says(other)]);
      }
    }, 180_000);
  },
);
