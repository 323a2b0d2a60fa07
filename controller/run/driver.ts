import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { matchHosts } from "../inventory/patterns.ts";
import { patternOf } from "../project/play.ts";
import type { Play } from "../project/playbook.ts";
import { batchSizes } from "../project/serial.ts";
import { Scope } from "../template/scope.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { TaskResult } from "./entry.ts";
import type { RunJournal } from "./journal.ts";
import type { Bench } from "./perform.ts";
import { moduleOf, playsOf, type RunPlan, type Step, stepsOf } from "./plan.ts";
import { Redaction } from "./redact.ts";
import { Scopes } from "./scopes.ts";
import { RunState } from "./state.ts";
import { runOnHost } from "./task-on-host.ts";

/** Everything that a run works with. */
export interface Run {
  plan: RunPlan;
  bench: Bench;
  journal: RunJournal;
}

/** Where in the playbook the run is. */
interface Position {
  play: number;
  batch: number;
  task: number;
}

/**
 * The hosts of each play. Throws `no_hosts` where a play has none: a playbook that does nothing is a mistake, not a success.
 * A play that has some, all outside of the limit, is left out, unless that leaves nothing at all.
 */
export function hostsOfPlays(plan: RunPlan): string[][] {
  const scopes = new Scopes(plan, new RunState());
  const readFile = (path: string) => (Object.hasOwn(plan.files, path) ? plan.files[path] : undefined);
  const matched = playsOf(plan).map((play) => {
    const pattern = patternOf(play, scopes.ofPlay(play));
    return { play, pattern, ...matchHosts(pattern, plan.inventory, { limit: plan.limit, readFile }) };
  });
  const none = matched.every(({ hosts }) => hosts.length === 0);
  return matched.map(({ play, pattern, hosts, unmatched }) => {
    if (hosts.length > 0) return [...hosts];
    if (!none && matchHosts(pattern, plan.inventory, { readFile }).hosts.length > 0) return [];
    const names = unmatched.map(({ name, hint }) => (hint === undefined ? name : `${name} (${hint})`)).join(", ");
    const all = [...plan.inventory.hosts.keys()];
    throw new FlashfleetError(
      "no_hosts",
      `no host matches ${pattern}${plan.limit === undefined ? "" : ` within the limit ${plan.limit}`}`,
      {
        hint:
          all.length === 0
            ? "the inventory is empty: give one with -i, or start agents with --label"
            : names !== ""
              ? `unknown: ${names}`
              : `the inventory has ${all.slice(0, 10).join(", ")}${all.length > 10 ? ", …" : ""}`,
        place: play.place,
      },
    );
  });
}

/** Runs the plays to their end, or to the error that ends them. Everything that happens is in the journal. */
export async function drive({ plan, bench, journal }: Run): Promise<void> {
  const state = new RunState();
  const scopes = new Scopes(plan, state);
  const redaction = new Redaction();
  try {
    const hosts = hostsOfPlays(plan);
    for (const all of hosts) for (const host of all) state.begin(host);
    for (const [index, play] of playsOf(plan).entries()) {
      const members = hosts[index] ?? [];
      const active = members.filter((host) => !state.isLost(host));
      // The limit leaves nobody here; the plays that follow have their own.
      if (members.length === 0) continue;
      if (active.length === 0) break;
      const go = await runPlay({ plan, bench, journal, state, scopes, redaction }, play, index, active);
      if (!go) break;
    }
    const failed = Object.values(state.recap()).some((counts) => counts.failed > 0 || counts.unreachable > 0);
    await journal.append({
      is: "finished",
      outcome: bench.signal.aborted ? "cancelled" : failed ? "failed" : "ok",
      recap: state.recap(),
    });
  } catch (error) {
    const outcome = bench.signal.aborted ? "cancelled" : "aborted";
    await journal.append({
      is: "finished",
      outcome,
      recap: state.recap(),
      ...(outcome === "cancelled" ? {} : { error: redaction.error(toErrorData(error)) }),
    });
  }
}

interface Stage extends Run {
  state: RunState;
  scopes: Scopes;
  redaction: Redaction;
}

/** False where the whole run has to stop: the hosts that it was worth going on for are lost. */
async function runPlay(stage: Stage, play: Play, index: number, hosts: readonly string[]): Promise<boolean> {
  const { scopes, state, journal, bench } = stage;
  const scope = scopes.ofPlay(play);
  const sizes = play.serial === undefined ? [hosts.length] : batchSizes(play.serial.evaluate(scope), hosts.length);
  const name = play.name?.render(scope) ?? patternOf(play, scope);
  const steps = stepsOf(play, play.gatherFacts.holds(new Scope([])));
  let from = 0;
  for (const [batch, size] of sizes.entries()) {
    const members = hosts.slice(from, from + size);
    from += size;
    await journal.append({ is: "play", play: index, batch, name, hosts: members });
    for (const [task, step] of steps.entries()) {
      bench.signal.throwIfAborted();
      const active = members.filter((host) => !state.isLost(host));
      if (active.length === 0) break;
      await runWave(stage, play, step, { play: index, batch, task }, active);
      if (tooManyLost(stage, play, members)) {
        await journal.append({
          is: "warning",
          message: `the play stops: ${lostOf(stage, members)} of ${members.length} hosts are lost`,
        });
        return false;
      }
    }
    // A batch of which nothing is left says that the next one would fare no better.
    if (members.every((host) => state.isLost(host))) return false;
  }
  return true;
}

const lostOf = ({ state }: Stage, hosts: readonly string[]) => hosts.filter((host) => state.isLost(host)).length;

/** Unreachable hosts count as failed ones do. */
function tooManyLost(stage: Stage, play: Play, hosts: readonly string[]): boolean {
  const lost = lostOf(stage, hosts);
  if (lost === 0) return false;
  if (play.anyErrorsFatal?.holds(stage.scopes.ofPlay(play)) === true) return true;
  return play.maxFailPercentage !== undefined && (lost * 100) / hosts.length > play.maxFailPercentage;
}

/** One step on all hosts of a batch that still take part: announced before anything is sent. */
async function runWave(
  stage: Stage,
  play: Play,
  step: Step,
  { play: at, batch, task }: Position,
  active: readonly string[],
): Promise<void> {
  const { plan, bench, journal, scopes, redaction, state } = stage;
  const [first = ""] = active;
  scopes.refresh();
  const once = step.is === "task" && step.runOnce?.holds(scopes.ofTask(play, active, step, first)) === true;
  const hosts = once ? [first] : active;
  await journal.append({
    is: "task",
    play: at,
    batch,
    task,
    name: nameOf(stage, play, step, first),
    module: moduleOf(step),
    hosts: [...hosts],
  });
  const take = (result: TaskResult) => {
    journal.result(result);
    state.take(step, result, once ? active : []);
  };
  await eachAtOnce(hosts, plan.forks, async (host) => {
    const result = await runOnHost(step, {
      bench,
      scopes,
      redaction,
      clock: bench.clock,
      play,
      hosts: active,
      host,
      call: `${bench.run}_${at}-${batch}-${task}_${indexOf(plan, host)}`,
      onItem: take,
      onProgress: (text, stream) => {
        journal.progress({
          is: "progress",
          host,
          text: redaction.text(text),
          ...(stream === undefined ? {} : { stream }),
        });
      },
      onRetry: (text) => journal.progress({ is: "progress", host, text: redaction.text(text), retry: true }),
    });
    take(result);
  });
  await journal.flush();
}

const numbers = new WeakMap<RunPlan, Map<string, number>>();

/** A host's name may hold what a call id may not: its place in the inventory stands for it. */
function indexOf(plan: RunPlan, host: string): number {
  const known = numbers.get(plan) ?? new Map([...plan.inventory.hosts.keys()].map((name, index) => [name, index]));
  numbers.set(plan, known);
  return known.get(host) ?? -1;
}

function nameOf({ scopes }: Stage, play: Play, step: Step, host: string): string {
  if (step.is === "facts") return "Gathering Facts";
  if (step.name === undefined) return step.module.name;
  try {
    return step.name.render(scopes.ofTask(play, [host], step, host));
  } catch {
    // A name that cannot be evaluated is shown as it was written; the task says what is wrong.
    return step.name.text;
  }
}
