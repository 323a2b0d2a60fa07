import { FlashfleetError } from "../../../shared/errors.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import { eachAtOnce } from "../each-at-once.ts";
import { changesOf } from "./changes.ts";
import { collisionsOf, type FleetVolumes } from "./collisions.ts";
import { lookAt, looksAtOnce, type Means } from "./look.ts";
import type { NodeState, Planned } from "./planned.ts";

/**
 * Throws `plan_stale`, with all that is otherwise now, where the fleet is not what it was when a plan was made. `nodes`: those
 * that the run would work on.
 */
export async function insistOnPlan(
  means: Means,
  planned: Planned,
  nodes: ReadonlySet<NodeId>,
  volumes: FleetVolumes,
): Promise<void> {
  const are = new Map<NodeId, NodeState | undefined>();
  await eachAtOnce([...planned.nodes], looksAtOnce, async ({ node }) => {
    are.set(node, await lookAt(means, node));
  });
  const known = new Set(planned.nodes.map(({ node }) => node));
  const strangers = [...nodes].filter((node) => !known.has(node)).sort();
  const sentences = [
    ...planned.nodes.flatMap(({ node, was }) => {
      const changes = changesOf(was, are.get(node));
      return changes.length === 0 ? [] : [`${node}: ${changes.join("; ")}`];
    }),
    ...strangers.map((node) => `${node}: it has to do with the run now, and is not in the plan`),
    ...collisionsOf(planned, volumes),
  ];
  if (sentences.length > 0) throw staleError(sentences, "nothing of it was done");
}

/** `done`: what of the plan was done by then. */
export function staleError(sentences: readonly string[], done: string): FlashfleetError {
  return new FlashfleetError(
    "plan_stale",
    `cannot apply the plan: it was made for another state of the fleet\n  ${sentences.join("\n  ")}`,
    { hint: `${done}; make it anew: flashfleet plan PLAYBOOK --save FILE` },
  );
}
