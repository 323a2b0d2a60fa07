import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoAnsible } from "../../support/ansible.ts";
import { answer } from "./answer.ts";
import { compare } from "./compare.ts";
import { type Sample, sample } from "./generate.ts";
import { askAnsible, type Case } from "./reference.ts";
import { written } from "./written.ts";

const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: inventories beside Ansible's: ${reason}\n`);

/** More on request: FLASHFLEET_INVENTORIES=5000, and another seed: a new one may find what has nothing to do with a change. */
const runs = Number(process.env.FLASHFLEET_INVENTORIES ?? 150);
const seed = Number(process.env.FLASHFLEET_SEED ?? 1);

describe.skipIf(reason !== undefined)("hosts, groups, variables and patterns are Ansible's", () => {
  let directory = "";

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ff-ansible-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function write(name: string, { files, sources, patterns }: Sample): Promise<Case> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name, path)), { recursive: true });
      await writeFile(join(directory, name, path), text);
    }
    return { sources: sources.map((each) => (each.includes(",") ? each : join(directory, name, each))), patterns };
  }

  async function differences(samples: readonly Sample[], names: readonly string[]): Promise<string[]> {
    const cases = await Promise.all(samples.map((each, index) => write(names[index] ?? "", each)));
    const theirs = await askAnsible(cases);
    const found: string[] = [];
    for (const [index, each] of cases.entries()) {
      const { error } = { error: undefined, ...theirs[index] };
      const lines = compare(theirs[index] ?? { error: "no answer" }, await answer(each), each);
      if (lines.length > 0) found.push(`${names[index]}: ${lines.join("\n")}\n${error ?? ""}${show(samples[index])}`);
    }
    return found;
  }

  test("of inventories as people write them", async () => {
    const names = Object.keys(written);
    expect(names.length).toBeGreaterThan(15);
    expect(await differences(Object.values(written), names)).toEqual([]);
  }, 120_000);

  test(`of ${runs} random ones, seed ${seed}`, async () => {
    const samples = fc.sample(sample, { numRuns: runs, seed });
    const names = samples.map((_, index) => `random-${index}`);
    expect((await differences(samples, names)).slice(0, 3)).toEqual([]);
  }, 3_600_000);
});

function show(each: Sample | undefined): string {
  return Object.entries(each?.files ?? {})
    .map(([path, text]) => `--- ${path}\n${text}\n`)
    .join("");
}
