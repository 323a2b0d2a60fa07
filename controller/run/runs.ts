import { type Clock, deadlineIn } from "../../shared/clock.ts";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import { type NodeId, RunId } from "../../shared/protocol/ids.ts";
import type { RunRequest, RunSummary } from "../api/messages.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Specs } from "../fleet/specs.ts";
import { nodeOf } from "../inventory/host-layers.ts";
import type { RunStream } from "../store/run-stream.ts";
import { Assumptions } from "./assumptions.ts";
import { compilePlan } from "./compile-plan.ts";
import { drive, hostsOfPlays } from "./driver.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { RunEntry, RunEvent } from "./entry.ts";
import { History } from "./history.ts";
import { RunJournal } from "./journal.ts";
import type { KeptRequests } from "./kept-requests.ts";
import type { KeptSecrets } from "./kept-secrets.ts";
import { LiveRun } from "./live-run.ts";
import type { RunPlan } from "./plan.ts";

/** Requests to the store at once. */
const readsAtOnce = 64;
/** Milliseconds in which nodes say hello to a controller that was started anew. */
const returnMillis = 30_000;

interface Parts {
  fleet: Fleet;
  specs: Specs;
  stream: RunStream<RunEntry>;
  requests: KeptRequests;
  secretKey: Uint8Array;
  keptSecrets: KeptSecrets;
  clock: Clock;
  log: Logger;
  /** 8 hexadecimal digits. */
  randomId(): string;
}

/** Runs of this controller: started here, followed by anybody, held in the run stream. */
export class Runs {
  readonly #parts: Parts;
  readonly #active = new Map<RunId, LiveRun>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Checks everything that can be checked, keeps the request, and starts. Throws all mistakes at once. */
  async start(request: RunRequest): Promise<RunId> {
    const nodes = this.#parts.fleet.nodes().map(({ id, hello }) => ({ id, labels: hello.labels }));
    return this.#begin(request.project.inventories.length === 0 ? { ...request, nodes } : request, undefined);
  }

  /**
   * A new run that goes on where another one ended: what its hosts did is taken as done, and what failed is done again. Throws
   * `not_found`, and `call_refused` for one that is still running.
   */
  async resume(run: RunId): Promise<RunId> {
    if (this.#active.has(run)) {
      throw new FlashfleetError("call_refused", `cannot resume run ${run}: it is running`, {
        hint: `flashfleet attach ${run} shows it`,
      });
    }
    const [started] = await this.#entriesOf(run);
    if (started?.is !== "started") throw noSuchRun(run);
    return this.#begin(await this.#parts.requests.get(started.request), run);
  }

  /** Goes on with the runs that an earlier life of this controller left unfinished; checks are given up. */
  async resumeUnfinished(): Promise<void> {
    const { stream, log } = this.#parts;
    await eachAtOnce(await stream.list(), readsAtOnce, async (run) => {
      try {
        const ends = await stream.ends(run);
        if (ends !== undefined && ends.last.is !== "finished") await this.#goOn(run);
      } catch (error) {
        // One run that cannot be read must not keep the controller from its fleet, nor hold nodes.
        this.#retire(run);
        log.error({ run, err: error }, "cannot go on with a run");
      }
    });
  }

  async #begin(request: RunRequest, resumes: RunId | undefined): Promise<RunId> {
    const { clock, requests, stream } = this.#parts;
    const plan = compilePlan(request);
    const past = resumes === undefined ? [] : await this.#pastOf(resumes);
    const at = clock.wall();
    const run = RunId.parse(
      `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${this.#parts.randomId()}`,
    );
    const active = this.#hold(run, plan, at);
    try {
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
      });
      this.#run(run, active, journal, { own: new History([]), past: new History(past, { mended: true }) }, undefined);
    } catch (error) {
      this.#active.delete(run);
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
    const active = this.#hold(run, plan, started.at);
    for (const entry of entries) active.tell(entry);
    const journal = new RunJournal(stream, run, clock, (event) => active.tell(event), kept.at(-1)?.seq);
    if (plan.check) {
      await journal.append({ is: "finished", outcome: "aborted", recap: {} });
      this.#retire(run);
      return;
    }
    await journal.append({ is: "resumed" });
    const past = started.resumes === undefined ? [] : await this.#pastOf(started.resumes);
    const lives = entries.filter(({ is }) => is === "resumed").length + 1;
    this.#run(run, active, journal, { own: new History(entries), past: new History(past, { mended: true }) }, lives);
  }

  /** The entries of a run and of those that it resumed, the oldest first. */
  async #pastOf(run: RunId): Promise<RunEntry[]> {
    const entries = await this.#entriesOf(run);
    const [started] = entries;
    if (started?.is !== "started" || started.resumes === undefined) return entries;
    return [...(await this.#pastOf(started.resumes)), ...entries];
  }

  async #entriesOf(run: RunId): Promise<RunEntry[]> {
    return (await this.#parts.stream.read(run)).map(({ entry }) => entry);
  }

  /** From here on its nodes are held: a second start that looks now is told. */
  #hold(run: RunId, plan: RunPlan, at: number): LiveRun {
    const nodes = new Set(
      hostsOfPlays(plan)
        .flat()
        .flatMap((name) => {
          const host = plan.inventory.hosts.get(name);
          return host === undefined ? [] : [nodeOf(host)];
        }),
    );
    this.#refuseHeld(plan, nodes);
    const active = new LiveRun(plan, at, nodes);
    this.#active.set(run, active);
    return active;
  }

  #run(
    run: RunId,
    active: LiveRun,
    journal: RunJournal,
    history: { own: History; past: History },
    lives: number | undefined,
  ): void {
    const { clock, log } = this.#parts;
    active.journal = journal;
    active.done = this.#drive(run, active, journal, history, lives).catch((error: unknown) => {
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

  /** Everything of a run from its beginning, live until its end. Throws `not_found`. */
  async *follow(run: RunId, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const active = this.#active.get(run);
    if (active === undefined) {
      const kept = await this.#parts.stream.read(run);
      if (kept.length === 0) throw noSuchRun(run);
      for (const { entry } of kept) yield entry;
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

  /** Newest first. */
  async list(): Promise<RunSummary[]> {
    const { stream, log } = this.#parts;
    const found: RunSummary[] = [];
    await eachAtOnce(await stream.list(), readsAtOnce, async (run) => {
      const ends = await stream.ends(run).catch((error: unknown) => {
        if (!(error instanceof FlashfleetError) || error.code !== "bad_message") throw error;
        log.warn({ run, err: error }, "a run of another version cannot be read");
        return undefined;
      });
      if (ends?.first.is !== "started") return;
      const { title, at, check } = ends.first;
      const outcome = ends.last.is === "finished" ? ends.last.outcome : this.#active.has(run) ? "running" : "aborted";
      found.push({ run, title, at, check, outcome });
    });
    return found.sort((a, b) => b.at - a.at);
  }

  /** Lets go of what runs: the controller's next life goes on with it. */
  async close(): Promise<void> {
    for (const { stop, journal } of this.#active.values()) {
      journal?.stop();
      stop.abort(new FlashfleetError("interrupted", "the controller stops"));
    }
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  #drive(
    run: RunId,
    { plan, stop }: LiveRun,
    journal: RunJournal,
    history: { own: History; past: History },
    lives: number | undefined,
  ): Promise<void> {
    const { fleet, specs, clock, secretKey, keptSecrets } = this.#parts;
    const { check, diff, files } = plan;
    const { signal } = stop;
    const bench = {
      run,
      fleet,
      specs,
      clock,
      secretKey,
      keptSecrets,
      check,
      diff,
      files,
      drafts: new Map(),
      assumptions: new Assumptions(),
      signal,
      ...(lives === undefined ? {} : { again: { lives, until: deadlineIn(clock, returnMillis) } }),
    };
    return drive({ plan, bench, journal, history });
  }

  /** Two runs never work on one node at once; a check changes nothing and holds nothing. */
  #refuseHeld(plan: RunPlan, nodes: ReadonlySet<NodeId>): void {
    if (plan.check) return;
    for (const [run, active] of this.#active) {
      if (active.plan.check) continue;
      const shared = [...nodes].filter((node) => active.nodes.has(node));
      if (shared.length === 0) continue;
      throw new FlashfleetError(
        "node_busy",
        `cannot run ${plan.title}: run ${run} (${active.plan.title}) works on ${shared.slice(0, 5).join(", ")}${shared.length > 5 ? ` and ${shared.length - 5} more` : ""}`,
        {
          hint: "wait for it, or cancel it",
        },
      );
    }
  }

  /** Those who follow it have everything by then; whoever comes later reads the stream. */
  #retire(run: RunId): void {
    this.#active.delete(run);
  }
}

function noSuchRun(run: RunId): FlashfleetError {
  return new FlashfleetError("not_found", `there is no run ${run}`, { hint: "flashfleet runs lists them" });
}
