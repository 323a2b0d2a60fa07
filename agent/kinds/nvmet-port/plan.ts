import { type NvmetPort, nvmetPort } from "../../../shared/modules/kinds/nvmet-port.ts";
import { entryKey } from "../../../shared/protocol/spec.ts";
import type { Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, joinPlans, type Memory, type Plan, type Wanted } from "../kind.ts";
import { planLinks } from "./links.ts";
import { planPort, sameEndpoint } from "./port.ts";
import { planRemoval } from "./removal.ts";

const keyOf = (port: NvmetPort) => entryKey("nvmet_port", nvmetPort.key(port));

export function plan(wanted: Wanted, seen: Seen<"kernel" | "nvmet" | "addresses" | "listeners">, memory: Memory): Plan {
  const goals = wanted.goals("nvmet_port");
  return joinPlans([
    ...goals.map((goal) =>
      goal.state === "absent" ? planRemoval(goal, wanted, seen, memory) : present(goal, wanted, seen, memory),
    ),
    planLinks(wanted, seen, memory),
  ]);
}

function present(goal: Goal<"nvmet_port">, wanted: Wanted, seen: Seen<"kernel" | "nvmet">, memory: Memory): Plan {
  const { transport, address } = goal.resource;
  const id = goal.resource.id ?? seen.nvmet.ports.find((port) => sameEndpoint(port, goal))?.id;
  const plan = emptyPlan();
  if (id !== undefined) {
    const other = wanted.spec("nvmet_port").find((each) => each.id === id && keyOf(each) !== goal.key);
    if (other === undefined) return planPort(goal, id, seen, memory);
    // Two addresses for one port: the agent would write the one and the other in turn, for ever.
    plan.refusals.push({
      resource: goal.key,
      error: {
        code: "plan_refused",
        message: `cannot put port ${id} on ${nvmetPort.key(goal.resource)}: it is declared on ${nvmetPort.key(other)}`,
        hint: "take another id for the new address, or remove the earlier port first (state: absent)",
      },
    });
    return plan;
  }
  plan.refusals.push({
    resource: goal.key,
    error: {
      code: "bad_argument",
      message: `cannot create ${transport} port ${address}: it has no id`,
      hint: "give it an id, 0 to 65535, that no other port of this node has",
    },
  });
  return plan;
}
