import * as z from "zod";
import { NodeId } from "../../shared/protocol/ids.ts";
import type { Condition } from "../../shared/protocol/report.ts";
import {
  type Cause,
  conditionCause,
  isConsequence,
  type Known,
  type Rule,
  rules,
  silentCause,
} from "./explain-rules.ts";
import { conflictsOf } from "./identities.ts";
import { conflictErrors, conflictReasons } from "./identity-repairs.ts";
import type { Survey } from "./survey.ts";
import { volumeStates } from "./volume-health.ts";

/** One cause and one remedy, for everything that has them. */
export const Explanation = z.object({
  /** `db01/data on db01`, `node flash01`. */
  about: z.array(z.string()),
  state: z.enum(volumeStates),
  /** The node to look at. */
  at: NodeId,
  cause: z.string(),
  /** "": there is nothing to do. */
  remedy: z.string(),
});
export type Explanation = z.infer<typeof Explanation>;

type Pair = Survey["pairs"][number];

/** Explains volumes on their initiators; those with the same cause at once. Pure. */
export function explainPairs(survey: Survey, pairs: readonly Pair[], isMeant: (nqn: string) => boolean): Explanation[] {
  const conflictOf = conflictErrors(conflictsOf(survey.nodes, isMeant));
  return grouped(
    pairs.map(({ evidence, verdict }) => {
      const { volume } = evidence.of;
      const { initiator } = evidence.pair;
      const conflict = conflictOf({ initiator, nqn: volume.nqn, uuids: [volume.uuid] });
      const about = [`${volume.volume} on ${initiator}`];
      const cause = causeOf({ evidence, verdict, conflict });
      // What an end says of itself may not have reached the connection yet.
      const state = verdict.state === "healthy" && cause.remedy !== "" ? "degraded" : verdict.state;
      return { about, state, ...cause };
    }),
  );
}

function causeOf(known: Known): Cause {
  const tried: readonly Rule[] = Object.values(rules);
  for (const rule of tried) {
    const found = rule(known);
    if (found !== undefined) return found;
  }
  throw new Error(`no rule explains ${known.verdict.volume}`);
}

/** Explains a node: itself first, else what is amiss with its volumes and connections. Pure. */
export function explainNode(survey: Survey, node: NodeId, isMeant: (nqn: string) => boolean): Explanation[] {
  const news = survey.nodes.find(({ id }) => id === node);
  const own = survey.pairs.filter(({ verdict }) => verdict.initiator === node || verdict.targets.includes(node));
  const of = (cause: Cause, state: Explanation["state"] = "degraded"): Explanation[] => [
    { about: [`node ${node}`], state, ...cause },
  ];
  const silent = silentCause(node, news);
  if (silent !== undefined) {
    const depends = own.length === 0 ? "" : `; ${counted(own.length, "volume")} of it cannot be judged`;
    return of({ ...silent, cause: silent.cause + depends }, "unknown");
  }
  const conditions = news?.report?.conditions ?? [];
  const [first] = conditions.filter((each) => !isConsequence(each));
  if (first !== undefined) return of(saysItself(node, first, conditions.length - 1));
  const [conflict] = conflictReasons(conflictsOf(survey.nodes, isMeant)).get(node) ?? [];
  if (conflict !== undefined) {
    const [cause = "", ...remedy] = conflict.split("; ");
    return of({ at: node, cause, remedy: remedy.join("; ") });
  }
  const unwell = own.filter(({ verdict }) => verdict.state !== "healthy");
  if (unwell.length > 0) return explainPairs(survey, unwell, isMeant);
  const connection = survey.health.connections.find(
    ({ initiator, targets, state }) => state !== "healthy" && (initiator === node || targets.includes(node)),
  );
  if (connection !== undefined) {
    const { initiator, nqn, state, reasons } = connection;
    return [
      {
        about: [`${nqn} on ${initiator}`],
        state,
        at: initiator,
        cause: reasons[0] ?? state,
        remedy: "operations.md has a table of reasons, and what to look at",
      },
    ];
  }
  const [last] = conditions;
  if (last !== undefined) return of(saysItself(node, last, conditions.length - 1));
  const exports = counted(news?.report?.exports.length ?? 0, "export");
  const connections = counted(news?.report?.connections.length ?? 0, "connection");
  const cause = `nothing is wrong: ${counted(own.length, "volume")}, ${exports}, ${connections}, all healthy`;
  return of({ at: node, cause, remedy: "" }, "healthy");
}

function saysItself(node: NodeId, condition: Condition, more: number): Cause {
  const found = conditionCause(node, condition);
  const others = more === 0 ? "" : `; and ${more} more (flashfleet health ${node})`;
  return { ...found, cause: found.cause + others };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function grouped(explanations: readonly Explanation[]): Explanation[] {
  const groups = new Map<string, Explanation>();
  for (const each of explanations) {
    const key = `${each.state}\n${each.cause}\n${each.remedy}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...each, about: [...each.about] });
    else group.about.push(...each.about);
  }
  return [...groups.values()];
}
