import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer } from "../../../../agent/orders/orders.ts";
import type { System } from "../../../../agent/system/system.ts";
import { Assumptions } from "../../../../controller/run/assumptions.ts";
import { CallId, NodeId } from "../../../../shared/protocol/ids.ts";
import { Secret } from "../../../../shared/secret.ts";
import { deskOf } from "../../../support/desk.ts";
import { essence } from "../../../support/essence.ts";
import { nodeWithPast, past } from "../../../support/random-node.ts";
import { newPair, type Pair, type PairTask, pairSecrets, pairStory } from "../../../support/random-pair.ts";
import { tasksOfAllSorts } from "../../../support/random-spec.ts";
import { renderTree } from "../../../support/render-tree.ts";
import { editOf } from "../../../support/wanted.ts";

async function everything(system: System, kept: object) {
  return JSON.stringify([await renderTree(system), kept]);
}

/** As many as a busy machine does in that time, in the same order each time. */
const property = { numRuns: 60, seed: 11, interruptAfterTimeLimit: 12_000 };
const timeout = 60_000;

describe("a check", () => {
  test(
    "says of any tasks on any node what their run then does, and changes nothing",
    () =>
      fc.assert(
        fc.asyncProperty(past(), fc.array(tasksOfAllSorts, { minLength: 1, maxLength: 6 }), async (story, tasks) => {
          await using world = await nodeWithPast(story);
          const { node } = world;
          const desk = deskOf(node);
          const kept = () =>
            [node.store.spec, node.store.owned, node.store.pins, node.store.secrets].map((cell) => cell.get());
          const before = await everything(node.system, kept());
          const predicted = await desk.tasks(tasks, { run: "r1" });
          expect(await everything(node.system, kept())).toBe(before);
          const done = await desk.tasks(tasks);
          expect(predicted.map(essence)).toEqual(done.map(essence));
          expectForeseen(predicted, done);
        }),
        property,
      ),
    timeout,
  );

  test(
    "over a target and an initiator says what the run over both then does",
    () =>
      fc.assert(
        fc.asyncProperty(pairStory, async ({ kernels, before, tasks }) => {
          await using pair = newPair(kernels);
          await carryOut(pair, before);
          const predicted = await carryOut(pair, tasks, "r1");
          const done = await carryOut(pair, tasks);
          expect(predicted.map(essence)).toEqual(done.map(essence));
          expectForeseen(predicted, done);
        }),
        property,
      ),
    timeout,
  );
});

/** A result says nothing that the run's does not; of a disk that nobody could know of it says nothing at all. */
function expectForeseen(predicted: readonly Answer[], done: readonly Answer[]): void {
  for (const [index, { result }] of predicted.entries()) {
    const { devices, ...known } = JSON.parse(JSON.stringify(result));
    const foreseen = devices === undefined || devices.length === 0 ? known : { ...known, devices };
    expect(done[index]?.result).toMatchObject(foreseen);
  }
}

/** One order after the other, in a check each with what those before it would have made of the other node. */
async function carryOut({ nodes, desks }: Pair, tasks: readonly PairTask[], run?: string): Promise<Answer[]> {
  const assumptions = new Assumptions();
  const generations = { target: 0, initiator: 0 };
  for (const on of ["target", "initiator"] as const) generations[on] = nodes[on].store.spec.get().generation;
  const answers: Answer[] = [];
  for (const { on, task } of tasks) {
    const values = Object.entries(pairSecrets[on]).map(([name, value]) => [name, new Secret(value)] as const);
    const secrets = Object.fromEntries(values);
    assumptions.remember(secrets);
    const node = NodeId.parse(on);
    const endpoints = ["4421", "4422"].map((service_id) => ({ transport: "tcp", address: "10.0.0.1", service_id }));
    const asking = { node, endpoints, others: [], addresses: ["10.0.0.1"], secrets };
    const { assume = [], connections = [] } = assumptions.of(asking);
    const edit = editOf({ ...nodes[on].store.spec.get(), generation: generations[on] }, [task]);
    const extra = { secrets: pairSecrets[on], ...(run === undefined ? {} : { run, assume, connections }) };
    const answer = await desks[on].give({ do: "converge", edit }, extra);
    generations[on] = answer.generation ?? nodes[on].store.spec.get().generation;
    answers.push(answer);
    assumptions.take(node, { v: 1, id: CallId.parse("c"), is: "done", generation: 0, steps: [], ...answer });
  }
  return answers;
}
