import type { Clock } from "../../shared/clock.ts";
import { type ErrorData, toErrorData } from "../../shared/errors.ts";
import { isJsonRecord, type Json, type JsonRecord } from "../../shared/protocol/json.ts";
import type { Done, StepView } from "../../shared/protocol/reply.ts";
import { nodeOf } from "../inventory/host-layers.ts";
import type { Play, Task } from "../project/playbook.ts";
import type { Scope } from "../template/scope.ts";
import type { Value } from "../template/value.ts";
import { evaluateArguments } from "./arguments.ts";
import type { TaskOutcome, TaskResult } from "./entry.ts";
import { foldersOf, type Sent, type TaskFiles, withContent } from "./file-contents.ts";
import { isLocal, localActions } from "./local-actions.ts";
import { type Bench, benchFor, gatherFacts, type Job, performAction, performKind } from "./perform.ts";
import type { Doing } from "./program.ts";
import { censor, type Redaction } from "./redact.ts";
import type { Scopes } from "./scopes.ts";

/** A step of a play on one of its hosts. */
export interface HostTask {
  bench: Bench;
  scopes: Scopes;
  redaction: Redaction;
  clock: Clock;
  play: Play;
  /** Of this batch, those that still take part. */
  hosts: readonly string[];
  host: string;
  /** The start of its calls' ids. */
  call: string;
  /** Results of single items, as they come. */
  onItem(result: TaskResult): void;
  onProgress: Job["onProgress"];
  /** A try has failed, and another follows. */
  onRetry(text: string): void;
}

interface Attempt {
  outcome: TaskOutcome;
  result: JsonRecord;
  steps?: StepView[] | undefined;
  error?: ErrorData | undefined;
}

/** Does a step on a host and gives its result. Never throws: what goes wrong is a result. */
export async function runOnHost(step: Doing, at: HostTask): Promise<TaskResult> {
  try {
    if (step.is === "facts") return await facts(at);
    const scope = at.scopes.ofTask(at.play, at.hosts, step, at.host);
    const hidden = (step.noLog ?? at.play.noLog)?.holds(scope) === true;
    const ignores = {
      failed: step.ignoreErrors?.holds(scope) === true,
      unreachable: step.ignoreUnreachable?.holds(scope) === true,
    };
    const finish = (attempt: Attempt, item?: string): TaskResult => {
      const result = at.redaction.result(toResult(at.host, attempt, ignores, item));
      return hidden ? censor(result) : result;
    };
    if (step.loop === undefined) return finish(await oneItem(step, at, {}, at.call));
    return await loop(step, at, scope, finish);
  } catch (error) {
    return at.redaction.result(toResult(at.host, failed(error)));
  }
}

async function facts(at: HostTask): Promise<TaskResult> {
  try {
    const done = await gatherFacts(at.bench, jobOf(at, at.call, at.host, 60));
    return {
      host: at.host,
      outcome: done.outcome === "ok" ? "ok" : "failed",
      result: done.result,
      ...(done.error === undefined ? {} : { error: done.error }),
    };
  } catch (error) {
    return toResult(at.host, failed(error));
  }
}

async function loop(
  task: Task,
  at: HostTask,
  scope: Scope,
  finish: (attempt: Attempt, item?: string) => TaskResult,
): Promise<TaskResult> {
  const items = task.loop?.evaluate(scope);
  if (!Array.isArray(items)) {
    return finish(failed(new Error(`cannot loop over ${JSON.stringify(items)}: it is no list`)));
  }
  const done: Attempt[] = [];
  for (const [index, item] of items.entries()) {
    const { variable, index: counter, label } = task.loopControl;
    const near = { [variable]: item, ...(counter === undefined ? {} : { [counter]: index }) };
    const attempt = await oneItem(task, at, near, `${at.call}_${index}`);
    const shown = label === undefined ? item : label.evaluate(at.scopes.ofTask(at.play, at.hosts, task, at.host, near));
    const result = { ...attempt.result, [variable]: mutable(item) };
    done.push({ ...attempt, result });
    at.onItem(finish({ ...attempt, result }, typeof shown === "string" ? shown : JSON.stringify(shown)));
    if (attempt.outcome === "unreachable") break;
  }
  return { ...finish(together(done)), ...(items.length > 0 ? { loop: true } : {}) };
}

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
    result: { results, msg: outcome === "failed" ? "One or more items failed" : "All items completed" },
    steps: items.flatMap(({ steps }) => steps ?? []),
    error,
  };
}

/** One item: `when`, then the module, again until it is as it should be. */
async function oneItem(
  task: Task,
  at: HostTask,
  near: Readonly<Record<string, Value>>,
  call: string,
): Promise<Attempt> {
  try {
    const scope = at.scopes.ofTask(at.play, at.hosts, task, at.host, near);
    for (const condition of task.when) {
      if (!condition.holds(scope)) {
        return {
          outcome: "skipped",
          result: { skip_reason: "Conditional result was False", false_condition: condition.text },
        };
      }
    }
    const tries = task.until === undefined ? 1 : Math.max(1, Number(task.retries.evaluate(scope)) + 1);
    for (let attempt = 1; ; attempt++) {
      const raw = await module(task, at, scope, attempt === 1 ? call : `${call}_r${attempt}`);
      const judged = judge(task, at, near, {
        ...raw,
        result: { ...raw.result, ...(task.until === undefined ? {} : { attempts: attempt }) },
      });
      const after = withRegistered(task, at, near, judged);
      const enough = task.until === undefined || task.until.every((condition) => condition.holds(after));
      if (enough || judged.outcome === "unreachable") return judged;
      if (attempt >= tries) return { ...judged, outcome: "failed", error: judged.error ?? gaveUp(task, attempt) };
      at.onRetry(
        `FAILED - RETRYING: [${at.host}]: ${task.name?.text ?? task.module.name} (${tries - attempt} retries left).`,
      );
      await at.clock.sleep(Number(task.delay.evaluate(scope)) * 1000, at.bench.signal);
    }
  } catch (error) {
    return failed(error);
  }
}

function gaveUp(task: Task, tries: number): ErrorData {
  return {
    code: "task_failed",
    message: `${task.until?.map(({ text }) => text).join(" and ")} did not become true in ${tries} tries`,
  };
}

async function module(task: Task, at: HostTask, scope: Scope, call: string): Promise<Attempt> {
  const args = evaluateArguments(task.module, scope, task.place);
  for (const secret of Object.values(args.secrets)) at.redaction.add(secret);
  const { module: called } = task;
  if (called.is === "action" && isLocal(called.name)) {
    const { clock, bench } = at;
    return { outcome: "ok", ...(await localActions[called.name](args, { scope, clock, signal: bench.signal })) };
  }
  const host = task.delegateTo === undefined ? at.host : task.delegateTo.render(scope);
  const job = jobOf(at, call, host, task.timeout);
  const bench = task.checkMode === undefined ? at.bench : benchFor(at.bench, task.checkMode.holds(scope));
  if (called.name === "setup") return fromDone(await gatherFacts(bench, job));
  const done =
    called.is === "kind"
      ? await performKind(bench, job, called.name, args, `task ${task.place}`)
      : await send(bench, job, withContent(called.name, args, filesOf(task, at), scope));
  return fromDone(done);
}

function send(bench: Bench, job: Job, { name, args }: Sent): Promise<Done> {
  return performAction(bench, job, name, args);
}

function filesOf(task: Task, { bench, play }: HostTask): TaskFiles {
  return { files: bench.files, folders: foldersOf(task, play.place), place: task.place };
}

function jobOf(at: HostTask, call: string, host: string, timeout: number | undefined): Job {
  return { node: nodeOf(at.scopes.host(host)), call, timeout, onProgress: at.onProgress };
}

function fromDone({ outcome, result, steps, error }: Done): Attempt {
  const record = isJsonRecord(result) ? result : {};
  if (outcome !== "ok" && outcome !== "changed") return { outcome: "failed", result: record, steps, error };
  return { outcome: record.skipped === true ? "skipped" : outcome, result: record, steps };
}

/** failed_when and changed_when see what the module gave, under the name that registers it. */
function judge(task: Task, at: HostTask, near: Readonly<Record<string, Value>>, attempt: Attempt): Attempt {
  if (attempt.outcome === "skipped" || attempt.outcome === "unreachable") return attempt;
  const scope = withRegistered(task, at, near, attempt);
  let { outcome } = attempt;
  if (task.changedWhen !== undefined && outcome !== "failed") {
    outcome = task.changedWhen.every((condition) => condition.holds(scope)) ? "changed" : "ok";
  }
  if (task.failedWhen === undefined) return { ...attempt, outcome };
  if (!task.failedWhen.every((condition) => condition.holds(scope))) {
    return { ...attempt, outcome: outcome === "failed" ? "ok" : outcome, error: undefined };
  }
  const message = `failed_when holds: ${task.failedWhen.map(({ text }) => text).join(" and ")}`;
  return { ...attempt, outcome: "failed", error: attempt.error ?? { code: "task_failed", message } };
}

function withRegistered(task: Task, at: HostTask, near: Readonly<Record<string, Value>>, attempt: Attempt): Scope {
  const own = task.register === undefined ? {} : { [task.register]: asRegistered(attempt) };
  return at.scopes.ofTask(at.play, at.hosts, task, at.host, { ...near, ...own });
}

function failed(error: unknown): Attempt {
  const data = toErrorData(error);
  return { outcome: data.code === "node_unreachable" ? "unreachable" : "failed", result: {}, error: data };
}

/** What `register` keeps: the module's result with Ansible's flags. */
function asRegistered({ outcome, result, error }: Attempt): JsonRecord {
  return {
    ...result,
    changed: outcome === "changed",
    failed: outcome === "failed",
    ...(outcome === "skipped" ? { skipped: true } : {}),
    ...(outcome === "unreachable" ? { unreachable: true } : {}),
    ...(error === undefined ? {} : { msg: error.message, error_code: error.code }),
  };
}

function toResult(
  host: string,
  attempt: Attempt,
  ignores: Readonly<Partial<Record<TaskOutcome, boolean>>> = {},
  item?: string,
): TaskResult {
  const { outcome, steps, error } = attempt;
  return {
    host,
    outcome,
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
