import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { story, storyOfHosts } from "./story.ts";

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
