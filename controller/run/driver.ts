import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { matchHosts, unknownNames } from "../inventory/patterns.ts";
import { volumesVariable } from "../pairing/volumes-variable.ts";
import { patternOf } from "../project/play.ts";
import type { Play } from "../project/playbook.ts";
import { batchSizes } from "../project/serial.ts";
import { Scope } from "../template/scope.ts";
import { Batch } from "./batch.ts";
import { History } from "./history.ts";
import { inOrder } from "./host-order.ts";
import type { RunJournal } from "./journal.ts";
import { prepareVolumes } from "./pair/prepare.ts";
import type { Bench } from "./perform.ts";
import { playsOf, type RunPlan } from "./plan.ts";
import { inPieces } from "./planned/pieces.ts";
import { type Node, programOf, startingAt } from "./program.ts";
import type { Questions } from "./questions.ts";
import { Redaction } from "./redact.ts";
import { Scopes } from "./scopes.ts";
import type { Stage } from "./stage.ts";
import { RunState } from "./state.ts";

/** Everything that a run works with. */
export interface Run {
  plan: RunPlan;
  bench: Bench;
  journal: RunJournal;
  questions: Questions;
  /** What was done before: by this run in an earlier life of the controller, and by the run that it resumes. */
  history?: Stage["history"] | undefined;
}

const nothingDone = { own: new History([]), past: new History([]) };

/**
 * The hosts of each play. Throws `no_hosts` where a play has none: a playbook that does nothing is a mistake, not a success.
 * A play that has some, all outside of the limit, is left out, unless that leaves nothing at all.
 */
export function hostsOfPlays(plan: RunPlan): string[][] {
  const readFile = reading(plan);
  const matched = matchPlays(plan);
  const none = matched.every(({ hosts }) => hosts.length === 0);
  return matched.map(({ play, pattern, hosts, unmatched }) => {
    if (hosts.length > 0) return [...hosts];
    if (!none && matchHosts(pattern, plan.inventory, { readFile }).hosts.length > 0) return [];
    const names = unknownNames(unmatched);
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

function reading({ files }: RunPlan) {
  return (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined);
}

function matchPlays(plan: RunPlan) {
  const scopes = new Scopes(plan, new RunState());
  return playsOf(plan).map((play) => {
    const pattern = patternOf(play, scopes.ofPlay(play));
    return { play, pattern, ...matchHosts(pattern, plan.inventory, { limit: plan.limit, readFile: reading(plan) }) };
  });
}

/** What people should know before the first task: oddities of the inventory, names in patterns that name nothing. */
function* warningsOf(plan: RunPlan): Generator<{ message: string; hint?: string | undefined }> {
  for (const { place, message, hint } of plan.warnings)
    yield { message: place === undefined ? message : `${place}: ${message}`, hint };
  const unmatched = new Map(
    matchPlays(plan).flatMap(({ unmatched }) => unmatched.map(({ name, hint }) => [name, hint])),
  );
  for (const [name, hint] of unmatched) yield { message: `no host or group matches ${name}`, hint };
}

/** Runs the plays to their end, or to the error that ends them. Everything that happens is in the journal. */
export async function drive({ plan, bench, journal, questions, history = nothingDone }: Run): Promise<void> {
  const state = new RunState((result) => bench.keptResults.open(result));
  const scopes = new Scopes(plan, state, (node) => volumesVariable(bench.volumes.ofInitiator(node), node));
  const redaction = new Redaction(plan.secrets);
  try {
    const hosts = hostsOfPlays(plan);
    const programs = programsOf(plan);
    // Before anything else is asked of them: what changes meanwhile makes the plan stale.
    await bench.record?.begin();
    if (history.own.isEmpty) {
      for (const warning of warningsOf(plan)) await journal.append({ is: "warning", ...warning });
    }
    for (const [index, play] of playsOf(plan).entries()) {
      const members = hosts[index] ?? [];
      // The limit leaves nobody here; the plays that follow have their own.
      if (members.length === 0) continue;
      const program = programs[index];
      if (program === undefined) continue;
      scopes.begin(play, members);
      const go = await runPlay(
        { plan, bench, journal, questions, state, scopes, redaction, history },
        { play, index, program },
        members,
      );
      if (!go) break;
    }
    await tellPlan(plan, bench, journal);
    // Errors that were cleared are none, as in Ansible.
    const failed = state.lost > 0 || Object.values(state.recap()).some(({ unreachable }) => unreachable > 0);
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

/** What a check rests on that is to be saved. */
async function tellPlan({ enrolled }: RunPlan, { record, signal }: Bench, journal: RunJournal): Promise<void> {
  if (record === undefined || signal.aborted) return;
  for await (const piece of record.pieces()) await journal.append({ is: "planned", ...piece });
  for (const piece of inPieces(enrolled)) await journal.append({ is: "planned", enrolled: piece });
}

/** What the hosts of each play walk through; undefined for plays before the task that the run begins with. */
function programsOf(plan: RunPlan): (Node[] | undefined)[] {
  const { startAt, selection } = plan;
  const programs = playsOf(plan).map((play) => programOf(play, play.gatherFacts.holds(new Scope([])), selection));
  if (startAt === undefined) return programs;
  const first = programs.findIndex((program) => startingAt(program, startAt) !== undefined);
  if (first < 0) {
    throw new FlashfleetError("bad_argument", `cannot start at the task '${startAt}': no play has it`, {
      hint: "--list-tasks shows the names",
    });
  }
  return programs.map((program, index) => {
    if (index < first) return undefined;
    return index === first ? startingAt(program, startAt) : program;
  });
}

/** False where the whole run has to stop: the hosts that it was worth going on for are lost. */
async function runPlay(
  stage: Stage,
  { play, index, program }: { play: Play; index: number; program: readonly Node[] },
  hosts: readonly string[],
): Promise<boolean> {
  const { scopes, state, journal, history } = stage;
  const scope = scopes.ofPlay(play);
  if (play.isPair) await prepareVolumes(stage, play, hosts);
  const sizes = play.serial === undefined ? [hosts.length] : batchSizes(play.serial.evaluate(scope), hosts.length);
  const name = stage.redaction.text(play.name?.render(scope) ?? patternOf(play, scope));
  const ordered = inOrder(hosts, play.order);
  let from = 0;
  for (const [number, size] of sizes.entries()) {
    const begun = history.own.hostsOf(index, number);
    // As in Ansible a host that is lost keeps its place in its batch.
    const members = begun ?? ordered.slice(from, from + size).filter((host) => !state.isLost(host));
    from += size;
    if (begun === undefined) {
      await journal.append({
        is: "play",
        play: index,
        batch: number,
        name: stage.redaction.text(name),
        hosts: [...members],
      });
    }
    const batch = new Batch(stage, { play, at: { play: index, batch: number }, hosts: members, program });
    const before = state.lost;
    await batch.run(() => play.maxFailPercentage !== undefined && tooManyLost(play, before + batch.lost.length, size));
    const { lost } = batch;
    if (
      tooManyLost(play, before + lost.length, size) ||
      batch.ended === "fatal" ||
      (lost.length > 0 && isFatal(stage, play))
    ) {
      const message = `the play stops: ${lost.length} of ${size} hosts are lost`;
      await journal.append({ is: "warning", message, stops: true });
      return false;
    }
    if (batch.ended === "end_play") return true;
    // A batch of which nothing is left says that the next one would fare no better.
    if (state.lost - before === size) return false;
  }
  return true;
}

/** Unreachable hosts count as failed ones do. */
function tooManyLost({ maxFailPercentage }: Play, lost: number, hosts: number): boolean {
  return maxFailPercentage !== undefined && (lost * 100) / hosts > maxFailPercentage;
}

function isFatal({ scopes }: Stage, play: Play): boolean {
  return play.anyErrorsFatal?.holds(scopes.ofPlay(play)) === true;
}
