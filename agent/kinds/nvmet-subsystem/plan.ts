import type { Section, Seen } from "../../observe/observed.ts";
import { joinPlans, type Memory, type Plan, type Wanted } from "../kind.ts";
import { planHosts } from "./hosts.ts";
import { planNamespaces } from "./namespaces.ts";
import { planOrphanHosts, planRemoval } from "./removal.ts";
import { planSubsystem } from "./subsystem.ts";

/** Who is connected matters only where a host may be revoked. */
export function needs(wanted: Wanted): readonly Section[] {
  return wanted.goals("nvmet_subsystem").some(({ resource }) => resource.exclusive) ? ["sessions"] : [];
}

/** Its links into ports are planned beside all others of the node, in nvmet-port/links.ts. */
export function plan(
  wanted: Wanted,
  seen: Seen<"kernel" | "nvmet" | "drives" | "sizes"> & Partial<Seen<"sessions">>,
  memory: Memory,
): Plan {
  const goals = wanted.goals("nvmet_subsystem");
  const absent = goals.filter(({ state }) => state === "absent");
  const going = new Set<string>(absent.map(({ resource }) => resource.nqn));
  return joinPlans([
    ...goals.flatMap((goal) => {
      const has = seen.nvmet.subsystems.find(({ nqn }) => nqn === goal.resource.nqn);
      if (goal.state === "absent") return has === undefined ? [] : [planRemoval(goal, has, memory)];
      return [
        planSubsystem(goal, has, seen, memory),
        planHosts(goal, has, seen, memory),
        planNamespaces(goal, has, seen, memory),
      ];
    }),
    ...absent.slice(0, 1).map(({ key }) => planOrphanHosts(key, going, wanted, seen, memory)),
  ]);
}
