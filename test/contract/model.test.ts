import { describe, expect, it } from "vitest";
import { createMemoryFabric } from "../../agent/system/model/fabric/memory-fabric.ts";
import { createModelNode } from "../../agent/system/model/model-system.ts";
import { kernelOf } from "../../agent/system/model/versions.ts";
import { countingRandom, ManualClock } from "../unit/agent/system/model/lab.ts";
import { type Row, rowsFor } from "./row.ts";
import { chapters } from "./rows/all.ts";
import { foreseen, type Outcome, runRows } from "./run-rows.ts";
import type { World } from "./world.ts";

const mebibyte = 2 ** 20;

/** A node with the three drives that rows speak of. */
function modelWorld(kernel: string): World {
  const clock = new ManualClock();
  const drive = (serial: string, readOnly = false) => ({ serial, model: "Model", size: 64 * mebibyte, readOnly });
  const system = createModelNode({
    hostname: "node",
    kernel,
    drives: [drive("A"), drive("B"), drive("C", true)],
    addresses: ["10.0.0.1/24"],
    fabric: createMemoryFabric(),
    clock,
    random: countingRandom(),
  });
  return { system, pass: (millis) => clock.advance(millis), deadline: () => Number.MAX_SAFE_INTEGER };
}

async function outcomeOf(row: Row, kernel: string): Promise<Outcome | undefined> {
  for await (const outcome of runRows(modelWorld(kernel), [row])) return outcome;
  return undefined;
}

describe.each(["6.1", "6.12"])("the model of Linux %s", (kernel) => {
  const here = rowsFor(chapters, { version: kernel, built: kernelOf(kernel).built });
  for (const { title, rows } of here) {
    describe(title, () => {
      it.each(rows)("$says", async (row) => {
        expect(await outcomeOf(row, kernel)).toEqual(foreseen(row));
      });
    });
  }

  it("has nothing left after all rows, one after the other on one node", async () => {
    const rows = here.flatMap((chapter) => chapter.rows);
    const world = modelWorld(kernel);
    const seen: Outcome[] = [];
    for await (const outcome of runRows(world, rows)) seen.push(outcome);
    expect(seen).toEqual(rows.map((row) => foreseen(row)));
  });
});

it("says each row once", () => {
  for (const { title, rows } of chapters) {
    const said = rows.map(({ says, since, until, needs, lacks }) =>
      [title, says, since, until, needs, lacks].join("|"),
    );
    expect(said.filter((each, index) => said.indexOf(each) !== index)).toEqual([]);
  }
});
