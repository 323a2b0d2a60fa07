import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { recapOf } from "../../support/cli.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const directory = fileURLToPath(new URL("playbooks", import.meta.url));
const inAnyOrder = ["by_host"];
/** Each playbook once without more, and with these words. */
const more: Readonly<Record<string, readonly string[][]>> = {
  blocks: [
    ["--start-at-task", "aft*"],
    ["--start-at-task", "last"],
  ],
  handlers: [["--force-handlers"]],
  includes: [["--start-at-task", "one b"]],
  tags: [
    ["--tags", "red"],
    ["--tags", "red,debug"],
    ["--skip-tags", "red"],
    ["--tags", "untagged"],
    ["--tags", "never"],
  ],
  roles: [
    ["--tags", "tagged"],
    ["-l", "d1"],
    ["-e", "kind=more"],
    ["-e", "size=9"],
  ],
};
const cases = readdirSync(directory)
  .flatMap((name) => /^(\w+)\.yml$/.exec(name)?.[1] ?? [])
  .filter((name) => name !== "hosts")
  .flatMap((name) => [[], ...(more[name] ?? [])].map((words) => ({ says: [name, ...words].join(" "), name, words })));

/** Banners that something happened below, with what became of each host, in the order of the banners; then the recap. */
function story(out: string): { tasks: string[]; recap: unknown } {
  const [before = ""] = out.split("PLAY RECAP");
  const tasks: string[] = [];
  for (const part of before.split(/\n(?=PLAY |TASK |RUNNING HANDLER )/)) {
    const [banner = ""] = part.trim().split("\n");
    const lines = part.match(/^(ok|changed|skipping|fatal|failed|included|FAILED - RETRYING): .*$/gm) ?? [];
    const told = lines.map(asCompared);
    // Ansible prints the metas that are skipped, under the name of their module; here they show by what does not happen.
    if (banner.startsWith("TASK [meta]")) continue;
    const name = banner.replace(/ \*+$/, "");
    if (lines.length > 0 || name.startsWith("PLAY")) tasks.push([name, ...told.sort()].join("\n  "));
  }
  return { tasks, recap: recapOf(out) };
}

/** The steps of each host, where Ansible leaves open which of several hosts' tasks comes first. */
function storyOfHosts(out: string): unknown {
  const { tasks, recap } = story(out);
  const steps: Record<string, string[]> = {};
  for (const task of tasks) {
    const [banner = "", ...lines] = task.split("\n  ");
    for (const line of lines) {
      const hosts = /\[(\S+)\]/.exec(line)?.slice(1) ?? / for (.*)$/.exec(line)?.[1]?.split(", ") ?? [];
      for (const host of hosts) steps[host] = [...(steps[host] ?? []), `${banner} ${line.split(/[:[]/)[0]}`];
    }
  }
  return { steps, recap };
}

/** A line without what a module says, a file without its folder, hosts in order. */
function asCompared(line: string): string {
  const [, file, hosts] = /^included: (?:.*\/)?(\S+) for (.*?)(?: => .*)?$/.exec(line) ?? [];
  if (file !== undefined && hosts !== undefined) return `included: ${file} for ${hosts.split(", ").sort().join(", ")}`;
  return line
    .replace(/ => .*$/, "")
    .replace(/ FAILED!.*$/, " FAILED!")
    .replace(/Result was: .*$/, "")
    .trim();
}

const reason = whyNoAnsible();

describe.skipIf(reason !== undefined)(
  `playbooks as Ansible runs them${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let fleet: TestFleet;
    beforeAll(async () => {
      fleet = await startFleet({ nodes: {} });
    });
    afterAll(() => fleet?.[Symbol.asyncDispose]());

    it.each(cases)("$says", async ({ name, words }) => {
      const args = ["-i", "hosts.yml", `${name}.yml`, ...words];
      const theirs = await ansible(directory, ["ansible-playbook", ...args]);
      const inFolder = args.map((word) => (word.endsWith(".yml") ? join(directory, word) : word));
      const ours = await fleet.cli("run", ...inFolder);
      const tell = inAnyOrder.includes(name) ? storyOfHosts : story;
      expect([tell(ours.out), ours.code], ours.out + ours.err).toEqual([tell(theirs.out), theirs.code]);
    });
  },
);
