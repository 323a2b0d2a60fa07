import type { Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, joinPlans, type Memory, type Plan, type Wanted } from "../kind.ts";
import { planLinks } from "./links.ts";
import { planPort, sameEndpoint } from "./port.ts";
import { planRemoval } from "./removal.ts";

export function plan(wanted: Wanted, seen: Seen<"kernel" | "nvmet" | "addresses" | "listeners">, memory: Memory): Plan {
  const goals = wanted.goals("nvmet_port");
  return joinPlans([
    ...goals.map((goal) =>
      goal.state === "absent" ? planRemoval(goal, wanted, seen, memory) : present(goal, seen, memory),
    ),
    planLinks(wanted, seen, memory),
  ]);
}

function present(goal: Goal<"nvmet_port">, seen: Seen<"kernel" | "nvmet">, memory: Memory): Plan {
  const { transport, address } = goal.resource;
  const id = goal.resource.id ?? seen.nvmet.ports.find((port) => sameEndpoint(port, goal))?.id;
  if (id !== undefined) return planPort(goal, id, seen, memory);
  const plan = emptyPlan();
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
