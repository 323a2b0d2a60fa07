import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { whyNoAnsible } from "../../support/ansible.ts";
import { ask, askAnsible, difference, readProject } from "./templates/ask.ts";
import type { Case } from "./templates/case.ts";
import { corpus } from "./templates/corpus.ts";
import { template } from "./templates/generate.ts";

const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: templates beside Ansible's: ${reason}\n`);

/** More on request: FLASHFLEET_TEMPLATES=20000, and another seed: a new one may find what has nothing to do with a change. */
const runs = Number(process.env.FLASHFLEET_TEMPLATES ?? 500);
const seed = Number(process.env.FLASHFLEET_SEED ?? 1);

describe.skipIf(reason !== undefined)("templates give what Ansible gives, byte for byte", () => {
  let project: Record<string, string> = {};

  beforeAll(async () => {
    project = await readProject();
  });

  async function differences(cases: readonly (readonly [string, Case])[]): Promise<string[]> {
    const theirs = await askAnsible(cases.map(([, each]) => each));
    return cases.flatMap(([name, each], index) => {
      const found = difference(theirs[index], ask(each, project));
      return found === undefined ? [] : [`${name}: ${JSON.stringify(each.template)}\n${found}`];
    });
  }

  test("templates as people write them", async () => {
    const cases = Object.entries(corpus);
    expect(cases.length).toBeGreaterThan(150);
    expect((await differences(cases)).join("\n\n")).toBe("");
  }, 120_000);

  test(`${runs} random ones, seed ${seed}`, async () => {
    const cases = fc.sample(template, { numRuns: runs, seed }).map((each, index) => [`random-${index}`, each] as const);
    expect((await differences(cases)).slice(0, 3).join("\n\n")).toBe("");
  }, 3_600_000);
});
