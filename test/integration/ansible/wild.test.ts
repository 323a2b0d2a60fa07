import { describe, expect, test } from "vitest";
import { collectProject } from "../../../controller/cli/collect-project.ts";
import { loadProject } from "../../../controller/project/load-project.ts";
import { recapOf } from "../../support/cli.ts";
import { startFleet } from "../../support/fleet.ts";

/** Playbooks as operators of storage nodes bring them. */
const folder = "test/integration/ansible/wild";
const inventory = `${folder}/inventory`;
const nodes = { flash01: {}, flash02: {}, app1: {}, app2: {} };

/** What of them is refused: where, what, and what to write instead. All else is read. */
const refused: Readonly<Record<string, readonly (readonly [place: string, message: string, hint: string])[]>> = {
  "health.yml": [
    ["health.yml:7:7", "there is no module 'stat' here", "use command: stat"],
    ["health.yml:21:7", "there is no module 'uri' here", "use command: curl"],
  ],
  "lvm.yml": [
    ["lvm.yml:9:7", "there is no module 'community.general.lvg' here", "use command with the program"],
    ["lvm.yml:11:7", "there is no module 'community.general.lvol' here", "use command with the program"],
  ],
  "mounts.yml": [],
  "nvmeof-by-shell.yml": [
    ["nvmeof-by-shell.yml:11:7", "there is no module 'community.general.modprobe' here", "use kernel_module"],
  ],
  "packages.yml": [
    ["packages.yml:11:7", "there is no module 'package_facts' here", "use command: dpkg-query or rpm -q"],
  ],
  "roles.yml": [
    ["roles/multipath/tasks/main.yml:10:3", "there is no module 'blockinfile' here", "use template or copy"],
  ],
  "rolling.yml": [],
  "scheduler.yml": [
    ["scheduler.yml:6:7", "there is no module 'find' here", "use command: find"],
    ["scheduler.yml:17:9", "there is no argument 'seuser'", "leave it out, or set it with command: chcon"],
    ["scheduler.yml:20:7", "'pam_limits' is neither a module nor a keyword", "the modules are"],
    ["scheduler.yml:22:7", "there is no module 'timezone' here", "use command: timedatectl"],
  ],
  "sysctl.yml": [],
  "users.yml": [
    ["users.yml:8:7", "there is no module 'user' here", "use command: with useradd"],
    ["users.yml:17:7", "there is no module 'authorized_key' here", "use copy or lineinfile"],
    ["users.yml:27:9", "there is no argument 'validate'", "check it with command"],
  ],
};

test.each(Object.entries(refused))(
  "%s is read, or refused with every key, its place and what to write instead",
  async (name, expected) => {
    const project = await collectProject([`${folder}/${name}`], { inventory: [inventory] });
    const loaded = loadProject({ ...project, extraVars: {}, keyring: undefined });
    const told = loaded.ok ? [] : loaded.errors;
    expect(told.map(({ place }) => place)).toEqual(expected.map(([place]) => `${folder}/${place}`));
    for (const [index, [, message, hint]] of expected.entries()) {
      expect(told[index]?.message).toContain(message);
      expect(told[index]?.hint).toContain(hint);
    }
  },
);

describe("what is not refused runs on a fleet", () => {
  test("settings of the kernel: set, there the second time, and nothing to do in a plan", async () => {
    await using fleet = await startFleet({ nodes });
    const sysctl = (...more: string[]) => fleet.cli("run", "-i", inventory, `${folder}/sysctl.yml`, ...more);
    const first = await sysctl();
    expect(first.code, first.out + first.err).toBe(0);
    expect(first.out).toContain("changed: [flash01] => (item=vm.swappiness=1)");
    const second = await sysctl();
    expect(recapOf(second.out)).toMatchObject({ flash01: { ok: 3, changed: 0 }, flash02: { ok: 3, changed: 0 } });
    const plan = await fleet.cli("plan", "-i", inventory, `${folder}/sysctl.yml`);
    expect(plan.code).toBe(0);
    expect(plan.out).toContain("Plan: nothing to do");
    expect((await sysctl("--list-tasks")).out).toContain("      Show what the kernel has\tTAGS: []");
  });

  test("work on one node after the other: prompts, blocks, delegation, async, handlers", async () => {
    await using fleet = await startFleet({ nodes });
    const answer = await fleet.cli("run", "-i", inventory, `${folder}/rolling.yml`, "-e", "really=yes");
    expect(answer.code, answer.out + answer.err).toBe(0);
    expect(answer.out).toContain("changed: [flash02 -> app1]");
    expect(answer.out.match(/RUNNING HANDLER \[look again\]/g)).toHaveLength(2);
    expect(recapOf(answer.out)).toMatchObject({ flash01: { ok: 5, changed: 3 }, flash02: { ok: 5, changed: 3 } });
  });

  test("a mount whose volume is not there fails, and says what to look at", async () => {
    await using fleet = await startFleet({ nodes });
    const answer = await fleet.cli("run", "-i", inventory, `${folder}/mounts.yml`);
    expect(answer.code).toBe(2);
    expect(answer.out).toContain(
      "cannot mount UUID=6f1b2c8e-0d53-4f4e-9a2f-5d0f1f0c7a11 at /srv/fast: it is not there",
    );
    expect(recapOf(answer.out)).toMatchObject({ app1: { ok: 2, changed: 1, failed: 1 } });
  });
});
