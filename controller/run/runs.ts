import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import { type NodeId, RunId } from "../../shared/protocol/ids.ts";
import type { FailedHosts, RunAnswer, RunRequest, RunStart, RunSummary } from "../api/messages.ts";
import type { RunStream } from "../store/run-stream.ts";
import { benchOf, type Hands } from "./bench-of.ts";
import { busy, type Claim, claimNodes, nodesOf, shown, type Waiting } from "./claim.ts";
import { compilePlan } from "./compile-plan.ts";
import { drive } from "./driver.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { RunEntry } from "./entry.ts";
import { HeldNodes } from "./held-nodes.ts";
import { History } from "./history.ts";
import { RunJournal } from "./journal.ts";
import type { KeptRequests } from "./kept-requests.ts";
import { withoutSealed } from "./kept-results.ts";
import { LiveRun } from "./live-run.ts";
import { noSuchRun, PastRuns } from "./past-runs.ts";
import type { RunPlan } from "./plan.ts";
import { insistOnPlan } from "./planned/insist.ts";
import { Questions } from "./questions.ts";

/** Requests to the store at once. */
const readsAtOnce = 64;

interface Parts extends Hands {
  stream: RunStream<RunEntry>;
  requests: KeptRequests;
  log: Logger;
  /** 8 hexadecimal digits. */
  randomId(): string;
}

/** Runs of this controller: started here, followed by anybody, held in the run stream. */
export class Runs {
  readonly #parts: Parts;
  readonly #past: PastRuns;
  readonly #active = new Map<RunId, LiveRun>();
  readonly #held = new HeldNodes<Claim>();
  readonly #closing = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#past = new PastRuns(parts.stream, parts.log);
  }

  /**
   * Checks everything that can be checked, keeps the request, and starts. Throws all mistakes at once, and `node_busy` where
   * another run works on its nodes, unless it is to wait for them: then it tells who is in the way, whenever that changes. A
   * saved plan is `plan_stale` where the fleet is not what it was.
   */
  async *start(request: RunRequest, waiting: Waiting): AsyncGenerator<RunStart> {
    const nodes = this.#parts.fleet.nodes().map(({ id, hello }) => ({ id, labels: hello.labels }));
    const isOfEnrolled = request.project.inventories.length === 0 && request.planned === undefined;
    yield* this.#begin(isOfEnrolled ? { ...request, nodes } : request, undefined, waiting);
  }

  /**
   * A new run that goes on where another one ended: what its hosts did is taken as done, and what failed is done again. Throws
   * `not_found`, and `call_refused` for one that is still running.
   */
  async *resume(run: RunId, by: string | undefined, waiting: Waiting): AsyncGenerator<RunStart> {
    if (this.#active.has(run)) {
      throw new FlashfleetError("call_refused", `cannot resume run ${run}: it is running`, {
        hint: `flashfleet attach ${run} shows it`,
      });
    }
    const [started] = await this.#past.entriesOf(run);
    if (started?.is !== "started") throw noSuchRun(run);
    const { by: _, ...request } = await this.#parts.requests.get(started.request);
    yield* this.#begin({ ...request, ...(by === undefined ? {} : { by }) }, run, waiting);
  }

  /** Goes on with the runs that an earlier life of this controller left unfinished; checks are given up. */
  async resumeUnfinished(): Promise<void> {
    const { stream, log } = this.#parts;
    await eachAtOnce(await stream.lasts(), readsAtOnce, async ({ run, read }) => {
      try {
        if (read().is !== "finished") await this.#goOn(run);
      } catch (error) {
        // One run that cannot be read must not keep the controller from its fleet, nor hold nodes.
        this.#retire(run);
        log.error({ run, err: error }, "cannot go on with a run");
      }
    });
  }

  async *#begin(request: RunRequest, resumes: RunId | undefined, waiting: Waiting): AsyncGenerator<RunStart> {
    const { clock } = this.#parts;
    const plan = compilePlan(request);
    const { by } = request;
    const claim: Claim = { title: plan.title, by, at: clock.wall() };
    const nodes = nodesOf(plan, this.#parts.volumes.all);
    let isTold = false;
    try {
      // A check changes nothing, and holds nothing.
      const wanted = plan.check ? new Set<NodeId>() : nodes;
      const signal = AbortSignal.any([waiting.signal, this.#closing.signal]);
      for await (const waits of claimNodes(this.#held, claim, wanted, { ...waiting, signal }, clock)) {
        isTold = true;
        yield { waits };
      }
      // A run that is resumed has changed the nodes itself.
      if (resumes === undefined) await this.#insist(claim, plan, nodes, signal);
      yield { run: await this.#launch(claim, plan, withoutEvidence(request), resumes) };
    } catch (error) {
      // Who was told to wait is told the rest in the same way.
      if (!isTold) throw error;
      yield { error: toErrorData(error) };
    }
  }

  /** Throws `plan_stale` for a saved plan that does not hold any more, and lets go of its nodes. */
  async #insist(claim: Claim, { planned }: RunPlan, nodes: ReadonlySet<NodeId>, signal: AbortSignal): Promise<void> {
    if (planned === undefined) return;
    const { fleet, clock, volumes } = this.#parts;
    try {
      await insistOnPlan({ fleet, clock, signal }, planned, nodes, volumes);
    } catch (error) {
      this.#held.release(claim);
      throw error;
    }
  }

  async #launch(claim: Claim, plan: RunPlan, request: RunRequest, resumes: RunId | undefined): Promise<RunId> {
    const { clock, requests, stream, randomId } = this.#parts;
    const at = clock.wall();
    const run = runIdAt(at, randomId());
    Object.assign(claim, { run, at });
    const active = new LiveRun(plan, claim);
    this.#active.set(run, active);
    try {
      const past = resumes === undefined ? [] : await this.#past.whole(resumes);
      const kept = await requests.keep(request);
      const journal = new RunJournal(stream, run, clock, (event) => active.tell(event));
      const { title, adHoc, check, diff } = plan;
      await journal.append({
        is: "started",
        title,
        adHoc,
        check,
        diff,
        request: kept,
        ...(resumes === undefined ? {} : { resumes }),
        ...(claim.by === undefined ? {} : { by: claim.by }),
      });
      this.#run(run, active, journal, { own: [], past: new History(past, { mended: true }) }, undefined);
    } catch (error) {
      this.#retire(run);
      throw error;
    }
    return run;
  }

  /** One that the controller of before did not finish. */
  async #goOn(run: RunId): Promise<void> {
    const { clock, requests, stream } = this.#parts;
    const kept = await stream.read(run);
    const entries = kept.map(({ entry }) => entry);
    const [started] = entries;
    if (started?.is !== "started") return;
    const plan = compilePlan(await requests.get(started.request));
    const claim: Claim = { run, title: plan.title, by: started.by, at: started.at };
    const inTheWay = plan.check ? [] : this.#held.take(claim, nodesOf(plan, this.#parts.volumes.all));
    if (inTheWay.length > 0) throw busy(plan.title, inTheWay.map(shown));
    const active = new LiveRun(plan, claim);
    this.#active.set(run, active);
    for (const entry of entries) active.tell(entry);
    const journal = new RunJournal(stream, run, clock, (event) => active.tell(event), kept.at(-1)?.seq);
    if (plan.check) {
      await journal.append({ is: "finished", outcome: "aborted", recap: {} });
      this.#retire(run);
      return;
    }
    await journal.append({ is: "resumed" });
    const past = started.resumes === undefined ? [] : await this.#past.whole(started.resumes);
    const lives = entries.filter(({ is }) => is === "resumed").length + 1;
    this.#run(run, active, journal, { own: entries, past: new History(past, { mended: true }) }, lives);
  }

  #run(
    run: RunId,
    active: LiveRun,
    journal: RunJournal,
    { own, past }: { own: readonly RunEntry[]; past: History },
    lives: number | undefined,
  ): void {
    const { clock, log } = this.#parts;
    active.journal = journal;
    const questions = new Questions(journal, own, active.stop.signal);
    active.questions = questions;
    const history = { own: new History(own), past };
    const { plan, stop } = active;
    const bench = benchOf(this.#parts, run, plan, stop.signal, lives);
    active.done = drive({ plan, bench, journal, history, questions }).catch((error: unknown) => {
      log.error({ run, err: error }, "a run broke off");
      // Nobody could keep it: those who look on are told all the same.
      active.tell({
        v: 1,
        run,
        at: clock.wall(),
        is: "finished",
        outcome: "aborted",
        recap: {},
        error: toErrorData(error),
      });
    });
    void active.done.finally(() => this.#retire(run));
  }

  /** Everything of a run from its beginning, live until its end: each event as JSON. Throws `not_found`. */
  async *follow(run: RunId, signal: AbortSignal): AsyncGenerator<string> {
    const active = this.#active.get(run);
    if (active === undefined) {
      const kept = await this.#parts.stream.read(run);
      if (kept.length === 0) throw noSuchRun(run);
      // Of what was asked and answered then, the tasks tell.
      for (const { entry } of kept)
        if (entry.is !== "asks" && entry.is !== "answered") yield JSON.stringify(withoutSealed(entry));
      return;
    }
    yield* active.follow(signal);
  }

  /** Stops a run after what is under way on the nodes; they stay as they are then. Throws `not_found`. */
  cancel(run: RunId): void {
    const active = this.#active.get(run);
    if (active === undefined)
      throw new FlashfleetError("not_found", `run ${run} is not running`, { hint: "flashfleet runs lists them" });
    active.stop.abort(new FlashfleetError("interrupted", `run ${run} was cancelled`));
  }

  /** Answers what a run asks. Throws `not_found` where it does not ask that, or somebody has answered by now. */
  answer(run: RunId, { question, answer }: RunAnswer): void {
    if (this.#active.get(run)?.questions?.answer(question, answer) === true) return;
    throw new FlashfleetError("not_found", `run ${run} does not wait for this answer`, {
      hint: `it may have another one: flashfleet attach ${run} shows it`,
    });
  }

  /** The hosts that were lost in a run; without one in the last run of that title. */
  failedOf(run: RunId | undefined, title: string): Promise<FailedHosts> {
    return this.#past.failedOf(run, title);
  }

  /** Newest first. */
  async list(): Promise<RunSummary[]> {
    return this.#past.list((run) => {
      const active = this.#active.get(run);
      return active === undefined ? undefined : { asks: active.questions?.open };
    });
  }

  /** Lets go of what runs: the controller's next life goes on with it. */
  async close(): Promise<void> {
    this.#closing.abort(new FlashfleetError("interrupted", "the controller stops"));
    for (const { stop, journal } of this.#active.values()) {
      journal?.stop();
      stop.abort(new FlashfleetError("interrupted", "the controller stops"));
    }
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  /** Those who follow it have everything by then; whoever comes later reads the stream. */
  #retire(run: RunId): void {
    const active = this.#active.get(run);
    this.#active.delete(run);
    if (active !== undefined) this.#held.release(active.claim);
  }
}

/** Once it is looked at, what a plan rests on is not needed any more: as it is kept, there are the volumes alone. */
function withoutEvidence({ planned, ...request }: RunRequest): RunRequest {
  return planned === undefined ? request : { ...request, planned: { nodes: [], known: [], volumes: planned.volumes } };
}

/** Sorted by name, runs are sorted by time. */
function runIdAt(at: number, random: string): RunId {
  return RunId.parse(`${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${random}`);
}
