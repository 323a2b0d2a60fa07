import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { differencesLeft } from "./programs/differences.ts";
import { modelMachine } from "./programs/model-machine.ts";
import { perform, programs } from "./programs/programs.ts";
import { compare, linesOf } from "./programs/recording.ts";

const directory = fileURLToPath(new URL("recordings", import.meta.url));

/** `6.12.t1.txt`: what program t1 printed on Linux 6.12. */
const recordings = readdirSync(directory).flatMap((name) => {
  const [, kernel = "", program = ""] = /^(\d+\.\d+)\.(t\d)\.txt$/.exec(name) ?? [];
  return kernel === "" ? [] : [{ name, kernel, program }];
});

async function replay(program: string, kernel: string): Promise<string> {
  const printed: string[] = [];
  const run = programs[program];
  if (run === undefined) throw new Error(`there is no program ${program}`);
  await perform(run, modelMachine(kernel), (line) => printed.push(line));
  return printed.join("\n");
}

describe("the model says what real kernels were recorded to say", () => {
  it.each(recordings)("$program on Linux $kernel", async ({ name, kernel, program }) => {
    const recorded = linesOf(readFileSync(join(directory, name), "utf8"));
    const found = compare(recorded, linesOf(await replay(program, kernel)));
    const explained = differencesLeft.filter((each) => each.program === program && each.kernels.includes(kernel));
    const unexplained = found.filter(({ label }) => !explained.some((each) => each.label.test(label)));
    expect(unexplained).toEqual([]);
    const outdated = explained.filter((each) => !found.some(({ label }) => each.label.test(label)));
    expect(outdated, "explained, but no longer different").toEqual([]);
  });
});
