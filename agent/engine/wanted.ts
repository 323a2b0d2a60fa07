import * as z from "zod";
import { type ErrorData, FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { isKindName, type KindName, kinds, type ResourceOf } from "../../shared/modules/kinds/kinds.ts";
import type { Entry, Spec } from "../../shared/protocol/spec.ts";
import type { Goal, Wanted } from "../kinds/kind.ts";

/** Of entries that were read before: a spec is made of the same ones from task to task. */
const goals = new WeakMap<Entry, Goal>();

function goalOf(key: string, entry: Entry): Goal {
  const known = goals.get(entry);
  if (known?.key === key) return known;
  const goal = readGoal(key, entry);
  goals.set(entry, goal);
  return goal;
}

/**
 * Parses an entry tolerantly: a newer controller's optional fields are ignored, what is known must be right. Throws
 * `bad_message` for a kind or a resource that this agent does not know.
 */
function readGoal(key: string, entry: Entry): Goal {
  if (!isKindName(entry.kind)) {
    throw new FlashfleetError("bad_message", `cannot read entry ${key}: this agent has no kind ${entry.kind}`, {
      hint: "upgrade the agent, or take the task out of the play for this node",
    });
  }
  return { kind: entry.kind, key, state: entry.state, resource: parseResource(entry.kind, key, entry) };
}

/** Schemas that ignore fields they do not know. Made once: zod compiles each at its first use. */
const tolerant = new Map<KindName, z.ZodType>();

function tolerantSchema(kind: KindName): z.ZodType {
  const schema = tolerant.get(kind) ?? z.object(kinds[kind].schema.shape);
  tolerant.set(kind, schema);
  return schema;
}

function parseResource<K extends KindName>(kind: K, key: string, entry: Entry): ResourceOf<K> {
  const parsed = tolerantSchema(kind).safeParse({ ...entry.resource, state: entry.state });
  // The kind's own schema made this shape: the parsed value is its output.
  if (parsed.success) return parsed.data as ResourceOf<K>;
  const [issue] = parsed.error.issues;
  throw new FlashfleetError("bad_message", `cannot read entry ${key}: ${issue?.path.join(".")}: ${issue?.message}`, {
    hint: "the controller that wrote it is newer than this agent: upgrade the agent",
    cause: parsed.error,
  });
}

/** The entries of these keys as goals. Throws `bad_message` for one that this agent cannot read. */
export function goalsOf(entries: Readonly<Record<string, Entry>>): Goal[] {
  return Object.entries(entries).map(([key, entry]) => goalOf(key, entry));
}

/** Those that this agent can read, and why not the others: an older agent boots with what it knows of a newer spec. */
export function readableGoals(entries: Readonly<Record<string, Entry>>): {
  goals: Goal[];
  unreadable: { key: string; error: ErrorData }[];
} {
  const goals: Goal[] = [];
  const unreadable: { key: string; error: ErrorData }[] = [];
  for (const [key, entry] of Object.entries(entries)) {
    try {
      goals.push(goalOf(key, entry));
    } catch (error) {
      unreadable.push({ key, error: toErrorData(error) });
    }
  }
  return { goals, unreadable };
}

/** What a convergence is for: these goals, among everything that the spec has and this agent can read. */
export function wantedOf(goals: readonly Goal[], spec: Spec): Wanted {
  const present = Object.fromEntries(Object.entries(spec.entries).filter(([, { state }]) => state === "present"));
  const all = readableGoals(present).goals;
  const ofKind = <K extends KindName>(from: readonly Goal[], kind: K) =>
    from.filter((goal): goal is Goal<K> => goal.kind === kind);
  return {
    goals: (kind) => ofKind(goals, kind),
    spec: (kind) => ofKind(all, kind).map(({ resource }) => resource),
  };
}
