import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { intercept } from "../../../agent/system/intercept.ts";
import { type AptRoot, createAptRoot, whyNoApt } from "../../support/apt-root.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const reason = whyNoApt();

const playbook = `
- hosts: n1
  tasks:
    - name: Lists
      ansible.builtin.apt: { update_cache: true, cache_valid_time: 1000000000 }
    - name: Tools
      package: { name: [store-tools] }
      when: ansible_facts.os_family == "Debian" and ansible_distribution_major_version is match("12")
    - name: Named with equals
      apt: name=store state=present
    - name: Pages
      ansible.posix.sysctl: { name: vm.nr_hugepages, value: "{{ (ansible_memtotal_mb / 64) | int }}", sysctl_set: yes }
    - name: Again
      sysctl: { name: vm.nr_hugepages, value: "64" }
    - name: Elsewhere
      command: bring it
    - name: Perhaps
      apt: { name: brought }
      ignore_errors: true
`;

/** Tasks with what became of each. */
function story(out: string): string[] {
  return [...out.matchAll(/^(?:TASK \[(.*?)\]|(ok|changed|skipping|fatal|failed): \[n1\])/gm)].map(
    ([, task, outcome]) => task ?? `  ${outcome}`,
  );
}

describe.skipIf(reason !== undefined)(
  `a playbook over what the system has${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let root: AptRoot;
    let fleet: TestFleet;
    let path: string;
    beforeAll(async () => {
      root = await createAptRoot();
      await root.publish([
        { name: "store", version: "1.0" },
        { name: "store-tools", version: "1.0", fields: { Depends: "store" } },
      ]);
      const files = { "/usr/bin/apt-get": "" };
      fleet = await startFleet({
        nodes: {
          n1: {
            files,
            through: (model) =>
              intercept(model, {
                exec: (command, deadline) =>
                  command.argv[0] === "bring"
                    ? model.exec({ ...command, argv: ["true"] }, deadline)
                    : root.system.exec(command, deadline),
              }),
          },
        },
      });
      path = join(fleet.directory, "site.yml");
      await writeFile(path, playbook);
    });
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]();
      await root?.[Symbol.asyncDispose]();
    });

    test("is foretold by a check as far as it can be, then done, and done once", async () => {
      await fleet.cli("exec", "n1", "apt", "-a", "update_cache=true");
      const checked = await fleet.cli("run", path, "--check", "--diff", "-v");
      expect(story(checked.out), checked.out + checked.err).toEqual([
        ...["Gathering Facts", "  ok", "Lists", "  ok", "Tools", "  changed", "Named with equals", "  ok"],
        ...["Pages", "  changed", "Again", "  ok", "Elsewhere", "  skipping", "Perhaps", "  skipping"],
      ]);
      expect(checked.out).toContain("-store not installed\n-store-tools not installed\n+store 1.0\n+store-tools 1.0\n");
      expect(checked.out).toContain("--- before: vm.nr_hugepages (kernel)\n+++ after: vm.nr_hugepages (kernel)\n");
      expect(checked.out).toContain("unknown: the node's lists have no brought");
      expect(root.installed()).toEqual({});
      const first = await fleet.cli("run", path);
      expect(story(first.out), first.out + first.err).toEqual([
        ...["Gathering Facts", "  ok", "Lists", "  ok", "Tools", "  changed", "Named with equals", "  ok"],
        ...["Pages", "  changed", "Again", "  ok", "Elsewhere", "  changed", "Perhaps", "  fatal"],
      ]);
      expect(root.installed()).toEqual({ store: "1.0", "store-tools": "1.0" });
      expect(await fleet.nodes.n1?.system.read("/proc/sys/vm/nr_hugepages")).toBe("64\n");
      const second = await fleet.cli("run", path);
      expect(story(second.out).filter((line) => line === "  changed")).toEqual(["  changed"]);
    });
  },
);
