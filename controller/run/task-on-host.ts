import { type ErrorData, toErrorData } from "../../shared/errors.ts";
import { isJsonRecord, type Json, type JsonRecord } from "../../shared/protocol/json.ts";
import type { Task } from "../project/playbook.ts";
import type { Scope } from "../template/scope.ts";
import type { Value } from "../template/value.ts";
import { type Attempt, callModule, delegation, failed, type HostTask, jobOf } from "./call-module.ts";
import type { TaskOutcome, TaskResult } from "./entry.ts";
import { isJsonList, itemsOf, labelOf, nearOf, noList } from "./loop-items.ts";
import { gatherFacts } from "./perform.ts";
import type { Doing } from "./program.ts";
import { censor } from "./redact.ts";

/** Does a step on a host and gives its result. Never throws: what goes wrong is a result. */
export async function runOnHost(step: Doing, at: HostTask): Promise<TaskResult> {
  try {
    if (step.is === "facts") return await facts(at);
    const scope = at.scopes.ofTask(at.play, at.hosts, step, at.host);
    const hides = (step.noLog ?? at.play.noLog)?.holds(scope) === true;
    const ignores = {
      failed: step.ignoreErrors?.holds(scope) === true,
      unreachable: step.ignoreUnreachable?.holds(scope) === true,
    };
    const finish = (attempt: Attempt, item?: string): TaskResult => {
      const given = toResult(at.host, attempt, ignores, item);
      const shown = hides ? censor(at.redaction.result(given)) : at.redaction.result(given);
      // Of an item people are only shown something: the result of them all holds it.
      return shown === given || item !== undefined ? shown : at.bench.keptResults.keep(shown, given.result);
    };
    try {
      if (step.loop === undefined) return finish(await oneItem(step, at, {}, at.call));
      return await loop(step, at, scope, finish);
    } catch (error) {
      return finish({ ...failed(error), ...delegation(step, at, scope) });
    }
  } catch (error) {
    return at.redaction.result(toResult(at.host, failed(error)));
  }
}

async function facts(at: HostTask): Promise<TaskResult> {
  try {
    const done = await gatherFacts(at.bench, jobOf(at, at.call, at.host, 60));
    const given: TaskResult = {
      host: at.host,
      outcome: done.outcome === "ok" ? "ok" : "failed",
      result: done.result,
      ...(done.error === undefined ? {} : { error: done.error }),
    };
    const shown = at.redaction.result(given);
    return shown === given ? shown : at.bench.keptResults.keep(shown, given.result);
  } catch (error) {
    return at.redaction.result(toResult(at.host, failed(error)));
  }
}

async function loop(
  task: Task,
  at: HostTask,
  scope: Scope,
  finish: (attempt: Attempt, item?: string) => TaskResult,
): Promise<TaskResult> {
  const found = itemsOf(task, scope);
  if ("skipped" in found) return finish(skippedBy(found.skipped));
  const { items } = found;
  if (!isJsonList(items)) return finish(failed(noList(items, task.place)));
  const done: Attempt[] = [];
  let facts: JsonRecord = {};
  for (const [index, item] of items.entries()) {
    const { variable, label, pause } = task.loopControl;
    if (index > 0 && pause !== undefined) await at.clock.sleep(Number(pause.evaluate(scope)) * 1000, at.bench.signal);
    const near = { ...facts, ...nearOf(task.loopControl, items, index, scope) };
    const attempt = await oneItem(task, at, near, `${at.call}_${index}`);
    const shown = label === undefined ? item : label.evaluate(at.scopes.ofTask(at.play, at.hosts, task, at.host, near));
    const result = { ...attempt.result, ansible_loop_var: variable, [variable]: mutable(item) };
    // The next item sees what this one set, and what it came to.
    if (task.module.name === "set_fact" && isJsonRecord(result.ansible_facts))
      facts = { ...facts, ...result.ansible_facts };
    if (task.register !== undefined && attempt.outcome !== "skipped")
      facts = { ...facts, [task.register]: asRegistered({ ...attempt, result }) };
    done.push({ ...attempt, result });
    at.onItem(finish({ ...attempt, result }, labelOf(shown)));
    if (attempt.outcome === "unreachable") break;
  }
  const isElsewhere = done.some(({ factsOf }) => factsOf !== undefined);
  return {
    ...finish({ ...together(done), ...delegation(task, at, scope) }),
    ...(items.length > 0 ? { loop: true } : {}),
    ...(isElsewhere ? { factsOf: done.map(({ factsOf }) => factsOf ?? at.host) } : {}),
  };
}

/** What Ansible says of a loop as a whole. */
const told: Readonly<Record<TaskOutcome, string>> = {
  ok: "All items completed",
  changed: "All items completed",
  skipped: "All items skipped",
  failed: "One or more items failed",
  unreachable: "One or more items failed",
};

/** The task as a whole, from its items: as bad as the worst, changed if one was. */
function together(items: readonly Attempt[]): Attempt {
  const worst = (["unreachable", "failed", "changed", "ok"] as const).find((outcome) =>
    items.some((item) => item.outcome === outcome),
  );
  const outcome = worst ?? "skipped";
  const error = items.find((item) => item.outcome === "failed" || item.outcome === "unreachable")?.error;
  const results = items.map((item) => asRegistered(item));
  return {
    outcome,
    result: { results, msg: told[outcome] },
    steps: items.flatMap(({ steps }) => steps ?? []),
    error,
    keepsMessage: true,
  };
}

/** One item: `when`, then the module, again until it is as it should be. Throws what ends a loop as Ansible ends it: a template that cannot be evaluated. */
async function oneItem(
  task: Task,
  at: HostTask,
  near: Readonly<Record<string, Value>>,
  call: string,
): Promise<Attempt> {
  const scope = at.scopes.ofTask(at.play, at.hosts, task, at.host, near);
  for (const condition of task.when) {
    if (!condition.holds(scope)) return skippedBy(condition.text);
  }
  const tries = task.until === undefined ? 1 : Math.max(1, Number(task.retries.evaluate(scope)) + 1);
  for (let attempt = 1; ; attempt++) {
    const raw = await callModule(task, at, scope, attempt === 1 ? call : `${call}_r${attempt}`);
    const judged = judge(task, at, near, {
      ...raw,
      result: { ...raw.result, ...(task.until === undefined ? {} : { attempts: attempt }) },
    });
    if (task.until === undefined || judged.outcome === "unreachable") return judged;
    const after = withRegistered(task, at, near, judged);
    if (task.until.every((condition) => condition.holds(after))) return judged;
    if (attempt >= tries) return { ...judged, ...judgedBad(judged, gaveUp(task, attempt)) };
    at.onRetry(
      `FAILED - RETRYING: [${at.host}]: ${task.name?.text ?? task.module.name} (${tries - attempt} retries left).`,
    );
    await at.clock.sleep(Number(task.delay.evaluate(scope)) * 1000, at.bench.signal);
  }
}

function skippedBy(condition: string): Attempt {
  return { outcome: "skipped", result: { skip_reason: "Conditional result was False", false_condition: condition } };
}

function gaveUp(task: Task, tries: number): ErrorData {
  return {
    code: "task_failed",
    message: `${task.until?.map(({ text }) => text).join(" and ")} did not become true in ${tries} tries`,
  };
}

/** failed_when and changed_when see what the module gave, under the name that registers it. */
function judge(task: Task, at: HostTask, near: Readonly<Record<string, Value>>, attempt: Attempt): Attempt {
  if (attempt.outcome === "skipped" || attempt.outcome === "unreachable") return attempt;
  if (task.changedWhen === undefined && task.failedWhen === undefined) return attempt;
  let changed = isChanged(attempt);
  try {
    const scope = withRegistered(task, at, near, attempt);
    if (task.changedWhen !== undefined) changed = task.changedWhen.every((condition) => condition.holds(scope));
    if (task.failedWhen === undefined) {
      const outcome = attempt.outcome === "failed" ? "failed" : changed ? "changed" : "ok";
      return { ...attempt, outcome, changed };
    }
    const fails = task.failedWhen.every((condition) => condition.holds(scope));
    const result = { ...attempt.result, failed_when_result: fails };
    if (!fails) return { ...attempt, result, outcome: changed ? "changed" : "ok", error: undefined };
    const message = `failed_when holds: ${task.failedWhen.map(({ text }) => text).join(" and ")}`;
    return { ...attempt, changed, result, ...judgedBad(attempt, { code: "task_failed", message }) };
  } catch (error) {
    return { ...attempt, changed, outcome: "failed", error: toErrorData(error) };
  }
}

/** Of a failure too: it may be ignored. */
function isChanged({ outcome, changed }: Attempt): boolean {
  return outcome === "changed" || (outcome === "failed" && changed === true);
}

/** A failure that is not the module's own: what the module said stays. */
function judgedBad({ error }: Attempt, verdict: ErrorData): Pick<Attempt, "outcome" | "error" | "keepsMessage"> {
  return { outcome: "failed", error: error ?? verdict, ...(error === undefined ? { keepsMessage: true } : {}) };
}

function withRegistered(task: Task, at: HostTask, near: Readonly<Record<string, Value>>, attempt: Attempt): Scope {
  // As in Ansible the conditions of a set_fact see what it sets.
  const { ansible_facts: facts } = attempt.result;
  const set = task.module.name === "set_fact" && isJsonRecord(facts) ? facts : {};
  const own = task.register === undefined ? set : { ...set, [task.register]: asRegistered(attempt) };
  return at.scopes.ofTask(at.play, at.hosts, task, at.host, { ...near, ...own });
}

/** What `register` keeps: the module's result with Ansible's flags. */
function asRegistered(attempt: Attempt): JsonRecord {
  const { outcome, result, error, keepsMessage } = attempt;
  return {
    ...result,
    changed: isChanged(attempt),
    failed: outcome === "failed",
    ...(outcome === "skipped" ? { skipped: true } : {}),
    ...(outcome === "unreachable" ? { unreachable: true } : {}),
    ...(error === undefined ? {} : { error_code: error.code }),
    ...(error === undefined || (keepsMessage && result.msg !== undefined) ? {} : { msg: error.message }),
  };
}

function toResult(
  host: string,
  attempt: Attempt,
  ignores: Readonly<Partial<Record<TaskOutcome, boolean>>> = {},
  item?: string,
): TaskResult {
  const { outcome, steps, error, factsOf, delegated } = attempt;
  return {
    host,
    outcome,
    ...(factsOf === undefined ? {} : { factsOf: [factsOf] }),
    ...(delegated === undefined ? {} : { delegated }),
    ...(ignores[outcome] === true ? { ignored: true } : {}),
    ...(item === undefined ? {} : { item }),
    result: asRegistered(attempt),
    ...(steps === undefined || steps.length === 0 ? {} : { steps: [...steps] }),
    ...(error === undefined ? {} : { error }),
  };
}

function mutable(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
