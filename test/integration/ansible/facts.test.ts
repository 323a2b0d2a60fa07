import { describe, expect, test } from "vitest";
import { gatherFacts } from "../../../agent/observe/facts.ts";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { ansibleFacts } from "../../../controller/run/ansible-facts.ts";
import { systemClock } from "../../../shared/clock.ts";
import { isJsonRecord, type Json, toJson } from "../../../shared/protocol/json.ts";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";

const reason = whyNoAnsible();

/** What changes between two looks, or is told in another order or with more. */
const loosely = new Set(["boot_id", "interfaces", "mounts", "uptime_seconds"]);

describe.skipIf(reason !== undefined)(
  `facts as Ansible gives them${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    test("of this machine, one by one", async () => {
      const answer = await ansible("/", ["ansible", "localhost", "-m", "setup"]);
      const parsed = JSON.parse(answer.out.slice(answer.out.indexOf("{")));
      const theirs = (name: string): Json => parsed.ansible_facts[`ansible_${name}`] ?? null;
      const gathered = await gatherFacts(createLinuxSystem({ clock: systemClock }), systemClock);
      const ours = ansibleFacts(toJson(gathered)) ?? {};
      const interfaces = new Set(gathered.addresses.map((each) => each.interface.replaceAll(/[:-]/g, "_")));
      const same = Object.keys(ours).filter((name) => !loosely.has(name) && !interfaces.has(name));
      expect(same.length).toBeGreaterThan(25);
      expect(Object.fromEntries(same.map((name) => [name, ours[name]]))).toEqual(
        Object.fromEntries(same.map((name) => [name, theirs(name)])),
      );
      for (const name of interfaces) expect(theirs(name)).toMatchObject(Object(ours[name]));
      expect(ours.interfaces).toEqual([theirs("interfaces")].flat().sort());
      expect(Math.abs(Number(ours.uptime_seconds) - Number(theirs("uptime_seconds")))).toBeLessThan(120);
      const mounts = [ours.mounts ?? []].flat().filter(isJsonRecord);
      expect(theirs("mounts")).toMatchObject(mounts.map(({ uuid: _, ...mount }) => mount));
    });
  },
);
