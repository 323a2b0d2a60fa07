import type { Clock } from "../../shared/clock.ts";
import { type ErrorData, FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { isJsonRecord, type JsonRecord } from "../../shared/protocol/json.ts";
import type { Done, StepView } from "../../shared/protocol/reply.ts";
import { foldersOf } from "../project/paths.ts";
import type { Play, Task } from "../project/playbook.ts";
import type { Scope } from "../template/scope.ts";
import { type EvaluatedArguments, evaluateArguments } from "./arguments.ts";
import type { TaskOutcome, TaskResult } from "./entry.ts";
import { environmentOf } from "./environment.ts";
import { type Sent, type TaskFiles, withContent } from "./file-contents.ts";
import { isLocal, localActions } from "./local-actions.ts";
import { performVolume } from "./pair/perform-volume.ts";
import { type Bench, benchFor, gatherFacts, type Job, performAction, performKind } from "./perform.ts";
import { performReboot } from "./reboot.ts";
import { LiveRedaction, type Redaction } from "./redact.ts";
import type { Scopes } from "./scopes.ts";
import { performWipe } from "./wipe-drive.ts";

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

/** What one try at a module came to. */
export interface Attempt {
  outcome: TaskOutcome;
  result: JsonRecord;
  steps?: StepView[] | undefined;
  error?: ErrorData | undefined;
  /** Whether a failure has changed something all the same. */
  changed?: boolean | undefined;
  /** The error is that of a condition on the result, whose own message is left to those who ask for it. */
  keepsMessage?: boolean;
  /** The host that it was delegated to. */
  delegated?: string | undefined;
  /** The host whose variables its facts become, where that is another one. */
  factsOf?: string | undefined;
}

/** What the module came to: a failure of it can be judged as any other result. Throws where it cannot even be asked. */
export async function callModule(task: Task, at: HostTask, scope: Scope, call: string): Promise<Attempt> {
  const args = evaluateArguments(task.module, scope, task.place);
  for (const secret of Object.values(args.secrets)) at.redaction.add(secret);
  const host = task.delegateTo === undefined ? at.host : task.delegateTo.render(scope);
  const getsFacts = host !== at.host && task.delegateFacts?.holds(scope) === true;
  return {
    ...(await perform(task, at, { scope, host, call, args }).catch(judgeable)),
    ...delegation(task, at, scope),
    ...(getsFacts ? { factsOf: at.scopes.host(host).name } : {}),
  };
}

/** A template that cannot be evaluated is no result. */
function judgeable(error: unknown): Attempt {
  if (error instanceof FlashfleetError && error.code === "bad_template") throw error;
  return failed(error);
}

/** Where a task is done, if that is another host. Never throws. */
export function delegation({ delegateTo }: Task, at: HostTask, scope: Scope): Pick<Attempt, "delegated"> {
  if (delegateTo === undefined) return {};
  try {
    const host = delegateTo.render(scope);
    return host === at.host ? {} : { delegated: host };
  } catch {
    return {};
  }
}

interface Call {
  scope: Scope;
  /** Where it is done. */
  host: string;
  call: string;
  args: EvaluatedArguments;
}

async function perform(task: Task, at: HostTask, { scope, host, call, args }: Call): Promise<Attempt> {
  const { module: called } = task;
  if (called.is === "volume") return performVolume(at, jobOf(at, call, at.host, secondsOf(task, at, scope)), args);
  if (called.is === "action" && isLocal(called.name)) {
    const { clock, bench } = at;
    const { signal, verbosity, keyring } = bench;
    const project = { ...filesOf(task, at), role: task.role, keyring };
    const { result } = await localActions[called.name](args, { scope, clock, signal, verbosity, project });
    return { outcome: result.skipped === true ? "skipped" : "ok", result };
  }
  const hides = (task.noLog ?? at.play.noLog)?.holds(scope) === true;
  const live = new LiveRedaction(at.redaction, hides ? () => undefined : at.onProgress);
  const job: Job = {
    ...jobOf(at, call, host, secondsOf(task, at, scope)),
    environment: environmentOf(task, scope),
    confidential: hides || at.redaction.isActive,
    onProgress: (text, stream) => live.take(text, stream),
  };
  const bench = benchFor(at.bench, {
    check: task.checkMode?.holds(scope) ?? at.bench.check,
    diff: task.diff?.holds(scope) ?? at.bench.diff,
  });
  if (called.name === "setup") return fromDone(await gatherFacts(bench, job));
  const done =
    called.is === "kind"
      ? await performKind(bench, job, called.name, args, `task ${task.place}`)
      : await send(bench, job, withContent(called.name, args, filesOf(task, at), scope));
  live.end();
  return fromDone(done);
}

function send(bench: Bench, job: Job, { name, args }: Sent): Promise<Done> {
  if (name === "reboot") return performReboot(bench, job, args);
  return name === "drive_wipe" ? performWipe(bench, job, args) : performAction(bench, job, name, args);
}

function filesOf(task: Task, { bench, play }: HostTask): TaskFiles {
  return { files: bench.files, folders: foldersOf(task, play.place), place: task.place };
}

/** Of the task, or else of all that say nothing. */
function secondsOf({ timeout }: Task, { bench }: HostTask, scope: Scope): number | undefined {
  const seconds = timeout === undefined ? bench.taskTimeout : Number(timeout.evaluate(scope));
  return seconds || undefined;
}

export function jobOf(at: HostTask, call: string, host: string, timeout: number | undefined): Job {
  return { node: at.scopes.nodeOf(host), call, timeout, confidential: false, onProgress: at.onProgress };
}

function fromDone({ outcome, result, steps, error }: Done): Attempt {
  const record = isJsonRecord(result) ? result : {};
  // A program that ran is taken to have changed something, however it ended.
  const changed = typeof record.rc === "number";
  if (outcome !== "ok" && outcome !== "changed") return { outcome: "failed", changed, result: record, steps, error };
  return { outcome: record.skipped === true ? "skipped" : outcome, result: record, steps };
}

export function failed(error: unknown): Attempt {
  const data = toErrorData(error);
  return { outcome: data.code === "node_unreachable" ? "unreachable" : "failed", result: {}, error: data };
}
