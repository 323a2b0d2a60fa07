import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { intercept } from "../../../agent/system/intercept.ts";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { SystemError } from "../../../agent/system/system.ts";
import { systemClock } from "../../../shared/clock.ts";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { story } from "./story.ts";

const directory = fileURLToPath(new URL("node", import.meta.url));
const reason = whyNoAnsible();

describe.skipIf(reason !== undefined)(
  `programs as Ansible runs them${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let fleet: TestFleet;
    beforeAll(async () => {
      // This machine, of which programs alone are run.
      const linux = intercept(createLinuxSystem({ clock: systemClock }), {
        do: async (op) => {
          throw new SystemError("EPERM", "path" in op ? op.path : op.op, "change");
        },
      });
      fleet = await startFleet({ nodes: { n1: { through: () => linux } } });
    });
    afterAll(() => fleet?.[Symbol.asyncDispose]());

    test.each([["environment"]])("%s", async (name) => {
      const theirs = await ansible(directory, ["ansible-playbook", "-i", "hosts.yml", `${name}.yml`]);
      const path = (file: string) => join(directory, file);
      const ours = await fleet.cli("run", "-i", path("hosts.yml"), path(`${name}.yml`));
      expect([story(ours.out), ours.code], ours.out + ours.err).toEqual([story(theirs.out), theirs.code]);
    });

    test("--task-timeout is for tasks that have none of their own", async () => {
      const file = await fleet.file("slow.yml", "- hosts: all\n  gather_facts: false\n  tasks: [command: sleep 30]\n");
      const { out, code } = await fleet.cli("run", "-i", join(directory, "hosts.yml"), file, "--task-timeout", "1");
      expect([code, out]).toEqual([2, expect.stringContaining('"code": "deadline"')]);
    });
  },
);
