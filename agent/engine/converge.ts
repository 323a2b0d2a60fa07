import type { Clock, Deadline } from "../../shared/clock.ts";
import { type ErrorData, FlashfleetError, fromErrorData, toErrorData } from "../../shared/errors.ts";
import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import type { Cost } from "../../shared/protocol/cost.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { StepView } from "../../shared/protocol/reply.ts";
import type { Spec } from "../../shared/protocol/spec.ts";
import type { Goal, Memory, Pin, Refusal, Wait } from "../kinds/kind.ts";
import { type Observation, observe } from "../observe/observe.ts";
import type { Section, Seen } from "../observe/observed.ts";
import { hasErrno, type System } from "../system/system.ts";
import { insistOnEnd, sessionsToEnd } from "./ended-sessions.ts";
import { explain } from "./explain.ts";
import { insistOnGuard } from "./guards.ts";
import { kernelWords } from "./kernel-words.ts";
import { concerned, focusOf, type Kinds, opsKey, planAll, sectionsOf } from "./plan-all.ts";
import type { OwnedKey, Step } from "./step.ts";
import { wantedOf } from "./wanted.ts";

/** Everything that a convergence works with. */
export interface Workshop {
  system: System;
  clock: Clock;
  kinds: Kinds;
  memory(): Memory;
  ownership: Ownership;
  /** Records pins, beside those that there are. On disk when it resolves. */
  pin(pins: Readonly<Record<string, Pin>>): Promise<void>;
  /** Resolves when something has changed, or after `millis`. */
  changed(millis: number): Promise<void>;
}

/** The record of what flashfleet made: on disk before the thing is. */
export interface Ownership {
  add(keys: readonly OwnedKey[]): Promise<void>;
  remove(keys: readonly OwnedKey[]): Promise<void>;
}

export interface Task {
  goals: readonly Goal[];
  /** The key of the goal that the result is of; needed where there are several. */
  subject?: string | undefined;
  /** The candidate: everything that should be, the goals included. */
  spec: Spec;
  /** Steps that cost more are refused. */
  costs: readonly Cost[];
  /**
   * What a failed candidate made itself: entries whose steps may cost anything, and things whose removal may. Their guards hold
   * all the same.
   */
  ownWork?: { entries: ReadonlySet<string>; made: ReadonlySet<OwnedKey> };
  /** Names of things in use that may be touched all the same. */
  overrides: ReadonlySet<string>;
  deadline: Deadline;
  /** Whether a device or an address that is not there refuses the task before its first step. */
  preflight?: boolean;
  /** How long to wait for what is not there yet: milliseconds. */
  patience: number;
  /** Before every step: what must be on disk before anything is changed. */
  beforeStep(): Promise<void>;
  onStep(step: StepView): void;
  onWait(wait: Wait): void;
}

export interface Convergence {
  outcome: "ok" | "changed" | "failed" | "refused";
  /** Done, in this order. */
  steps: StepView[];
  /** Whether anything was changed, be it by the first half of a step that failed. */
  begun: boolean;
  error?: ErrorData;
  /** Entries of the spec that stopped it. */
  blocked: string[];
  /** What the first convergence fixes; only of goals that were reached. */
  pins: Record<string, Pin>;
  /** Of the subject. */
  result: Json;
  /** What was seen at the end, where the goals were reached. */
  last?: Observation;
}

/**
 * Brings the node to the goals: observes, plans, does the steps in the order of the phases, and observes again, until the
 * plan is empty. What it gives back is what was observed at the end. A refusal stops it before the first step.
 */
export async function converge(shop: Workshop, task: Task): Promise<Convergence> {
  const kinds = concerned(shop.kinds, new Set<KindName>(task.goals.map(({ kind }) => kind)));
  const wanted = wantedOf(task.goals, task.spec);
  const sections = sectionsOf(kinds, wanted);
  const focus = focusOf(kinds, wanted);
  const done: Step[] = [];
  const repeated = new Set<string>();
  let begun = false;
  const waitUntil = shop.clock.now() + task.patience;
  let pause = 20;
  const stopped = (outcome: "failed" | "refused", error: ErrorData, blocked: string[]): Convergence => ({
    outcome,
    steps: done.map(view),
    begun,
    error,
    blocked,
    pins: {},
    result: {},
  });
  for (;;) {
    const seen: Seen<Section> = await observe(shop.system, sections, focus);
    const plan = planAll(kinds, wanted, seen, shop.memory());
    const absent = task.preflight && !begun ? plan.waits.filter(({ preflight }) => preflight) : [];
    const refusals = [...plan.refusals, ...absent, ...tooCostly(plan.steps, task)];
    if (refusals.length > 0) {
      return stopped(
        done.length === 0 ? "refused" : "failed",
        together(refusals.map(({ error }) => error)),
        refusals.map(({ resource }) => resource),
      );
    }
    if (plan.steps.length === 0 && plan.waits.length === 0) {
      return {
        outcome: done.length === 0 ? "ok" : "changed",
        steps: done.map(view),
        begun,
        blocked: [],
        pins: plan.pins,
        result: resultOf(shop, task.goals, task.subject, seen),
        last: { seen, focus },
      };
    }
    const again = plan.steps.find((step) => repeated.has(opsKey(step)));
    if (again !== undefined) return stopped("failed", notConverging(again), [again.resource]);
    if (plan.steps.length === 0) {
      const [wait] = plan.waits;
      if (wait === undefined) continue;
      if (shop.clock.now() >= Math.min(waitUntil, task.deadline))
        return stopped(
          "failed",
          wait.error,
          plan.waits.map(({ resource }) => resource),
        );
      task.onWait(wait);
      await shop.changed(pause);
      pause = Math.min(pause * 2, 1000);
      continue;
    }
    for (const step of plan.steps) {
      try {
        await task.beforeStep();
        await perform(shop, task, step, () => {
          begun = true;
        });
      } catch (error) {
        return stopped(done.length === 0 && isRefusal(error) ? "refused" : "failed", toErrorData(error), [
          step.resource,
        ]);
      }
      done.push(step);
      repeated.add(opsKey(step));
      task.onStep(view(step));
    }
  }
}

const refusalCodes = new Set(["device_in_use", "device_absent", "device_changed"]);
const isRefusal = (error: unknown) => error instanceof FlashfleetError && refusalCodes.has(error.code);

async function perform(shop: Workshop, task: Task, step: Step, onChange: () => void): Promise<void> {
  for (const guard of step.guards ?? []) {
    try {
      await insistOnGuard(guard, shop.system, shop.clock, task.overrides);
    } catch (error) {
      const data = toErrorData(error);
      throw fromErrorData({ ...data, message: `cannot ${step.says}: ${data.message}` });
    }
  }
  const dying = await sessionsToEnd(step, shop.system);
  const creates = (step.creates ?? []).filter((key) => !shop.memory().owned.has(key));
  await shop.ownership.add(creates);
  for (const [index, op] of step.ops.entries()) {
    if (shop.clock.now() >= task.deadline) {
      if (index === 0) await shop.ownership.remove(creates);
      throw new FlashfleetError("deadline", `cannot ${step.says}: the time for this task is over`, {
        hint: "give the task a longer timeout, or look why the node is slow",
      });
    }
    const started = shop.clock.now();
    try {
      await shop.system.do(op, task.deadline);
      onChange();
    } catch (error) {
      if (alreadySo(op.op, error)) {
        // Somebody else made it between our look and our step: it is theirs.
        if (index === 0) await shop.ownership.remove(creates);
        continue;
      }
      if (hasErrno(error, "ETIMEDOUT")) onChange();
      if (index === 0 && !hasErrno(error, "ETIMEDOUT")) await shop.ownership.remove(creates);
      throw explain(step, op, error, await kernelWords(shop, op, error, started));
    }
  }
  await insistOnEnd(step, dying, shop.system, shop.clock, task.deadline);
  if (step.pins !== undefined) await shop.pin(step.pins);
  await shop.ownership.remove(step.removes ?? []);
}

/** The state that the op should bring about is there: the next observation says whether it is the right one. */
function alreadySo(op: string, error: unknown): boolean {
  if (op === "mkdir" || op === "symlink") return hasErrno(error, "EEXIST");
  if (op === "rmdir" || op === "unlink") return hasErrno(error, "ENOENT");
  return op === "connect" && hasErrno(error, "EALREADY");
}

function tooCostly(steps: readonly Step[], { costs, ownWork }: Task): Refusal[] {
  return steps
    .filter((step) => step.cost !== "none" && !costs.includes(step.cost) && !isOwn(step, ownWork))
    .map(({ resource, says, cost }) => ({
      resource,
      error: {
        code: "plan_refused",
        message: `cannot ${says}: that may cost ${cost}, and nobody consented to it`,
        hint: "run the playbook that says so, or repair it by hand",
      },
    }));
}

function isOwn({ resource, removes = [] }: Step, own: Task["ownWork"]): boolean {
  if (own === undefined) return false;
  return own.entries.has(resource) || (removes.length > 0 && removes.every((key) => own.made.has(key)));
}

function notConverging({ says }: Step): ErrorData {
  return {
    code: "not_converging",
    message: `cannot ${says}: it was done, and the node still reads as if it were not`,
    hint: "something else changes it back, or the kernel took the write and ignored it: look at dmesg, and for other tools that manage nvmet",
  };
}

/** All that stands in the way, at once. */
function together(errors: readonly ErrorData[]): ErrorData {
  const [first, ...more] = errors;
  if (first === undefined)
    throw new FlashfleetError("internal", "cannot say why the plan was refused: there is no reason");
  if (more.length === 0) return first;
  return { ...first, message: errors.map(({ message }) => message).join("; ") };
}

export function view({ resource, phase, says, cost }: Step): StepView {
  return { resource, phase, says, cost };
}

/** What the task's own resource shows in an observation; `subject` is its key. */
export function resultOf(
  { kinds, memory }: Pick<Workshop, "kinds" | "memory">,
  goals: readonly Goal[],
  subject: string | undefined,
  seen: Seen<Section>,
): Json {
  const goal = goals.length === 1 ? goals[0] : goals.find(({ key }) => key === subject);
  return goal === undefined || goal.state === "absent" ? {} : kindResult(kinds, goal, seen, memory());
}

function kindResult<K extends KindName>(kinds: Kinds, goal: Goal<K>, seen: Seen<Section>, memory: Memory): Json {
  return kinds[goal.kind].result(goal.resource, seen, memory);
}
