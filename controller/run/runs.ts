import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { digest } from "../../shared/identity/digest.ts";
import type { Logger } from "../../shared/logger.ts";
import { type NodeId, RunId } from "../../shared/protocol/ids.ts";
import { Secret } from "../../shared/secret.ts";
import type { RunRequest, RunSummary } from "../api/messages.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Specs } from "../fleet/specs.ts";
import { nodeOf } from "../inventory/host-layers.ts";
import type { Bucket } from "../store/bucket.ts";
import type { RunStream } from "../store/run-stream.ts";
import type { Sealed, Vault } from "../store/vault.ts";
import { compilePlan } from "./compile-plan.ts";
import { drive, hostsOfPlays } from "./driver.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { RunEntry, RunEvent } from "./entry.ts";
import { RunJournal } from "./journal.ts";
import type { KeptSecrets } from "./kept-secrets.ts";
import type { RunPlan } from "./plan.ts";

/** Requests to the store at once. */
const readsAtOnce = 64;

interface Parts {
  fleet: Fleet;
  specs: Specs;
  stream: RunStream<RunEntry>;
  projects: Bucket<Sealed>;
  vault: Vault;
  secretKey: Uint8Array;
  keptSecrets: KeptSecrets;
  clock: Clock;
  log: Logger;
  /** 8 hexadecimal digits. */
  randomId(): string;
}

interface Active {
  plan: RunPlan;
  title: string;
  at: number;
  nodes: ReadonlySet<NodeId>;
  /** Everything so far; of old progress only the place, so that those who look on keep theirs. */
  events: (RunEvent | undefined)[];
  /** Where in `events` progress is. */
  progress: number[];
  wake: Set<() => void>;
  stop: AbortController;
  done: Promise<void>;
}

/** Runs of this controller: started here, followed by anybody, held in the run stream. */
export class Runs {
  readonly #parts: Parts;
  readonly #active = new Map<RunId, Active>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Checks everything that can be checked, keeps the project, and starts. Throws all mistakes at once. */
  async start(request: RunRequest): Promise<RunId> {
    const { fleet, clock, projects, vault, stream, log } = this.#parts;
    const plan = compilePlan(request, fleet);
    const nodes = new Set(
      hostsOfPlays(plan)
        .flat()
        .flatMap((name) => {
          const host = plan.inventory.hosts.get(name);
          return host === undefined ? [] : [nodeOf(host)];
        }),
    );
    this.#refuseHeld(plan, nodes);
    const at = clock.wall();
    const run = RunId.parse(
      `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${this.#parts.randomId()}`,
    );
    const stop = new AbortController();
    const active: Active = {
      plan,
      title: plan.title,
      at,
      nodes,
      events: [],
      progress: [],
      wake: new Set(),
      stop,
      done: Promise.resolve(),
    };
    // From here on the nodes are held: a second start that looks now is told.
    this.#active.set(run, active);
    try {
      const project = digest(request.project);
      const known = await projects.get(project);
      if (known === undefined) {
        // It may hold secrets: variables, files, -e.
        await projects
          .put(project, vault.seal(`project ${project}`, new Secret(JSON.stringify(request.project))), 0)
          .catch(ignoreConflict);
      }
      const journal = new RunJournal(stream, run, clock, (event) => tell(active, event));
      const { title, adHoc, check, diff } = plan;
      await journal.append({ is: "started", title, adHoc, check, diff, project });
      active.done = this.#drive(run, active, journal).catch((error: unknown) => {
        log.error({ run, err: error }, "a run broke off");
        // Nobody could keep it: those who look on are told all the same.
        tell(active, {
          v: 1,
          run,
          at: clock.wall(),
          is: "finished",
          outcome: "aborted",
          recap: {},
          error: toErrorData(error),
        });
      });
    } catch (error) {
      this.#active.delete(run);
      throw error;
    }
    void active.done.finally(() => this.#retire(run));
    return run;
  }

  /** Everything of a run from its beginning, live until its end. Throws `not_found`. */
  async *follow(run: RunId, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const active = this.#active.get(run);
    if (active === undefined) {
      const kept = await this.#parts.stream.read(run);
      if (kept.length === 0)
        throw new FlashfleetError("not_found", `there is no run ${run}`, { hint: "flashfleet runs lists them" });
      for (const { entry } of kept) yield entry;
      return;
    }
    for (let index = 0; !signal.aborted; index++) {
      while (index >= active.events.length) {
        const news = await nextEvent(active, signal);
        if (!news) return;
      }
      const event = active.events[index];
      if (event === undefined) continue;
      yield event;
      if (event.is === "finished") return;
    }
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
    const { stream } = this.#parts;
    const found: RunSummary[] = [];
    await eachAtOnce(await stream.list(), readsAtOnce, async (run) => {
      const ends = await stream.ends(run);
      if (ends?.first.is !== "started") return;
      const { title, at, check } = ends.first;
      const outcome = ends.last.is === "finished" ? ends.last.outcome : this.#active.has(run) ? "running" : "aborted";
      found.push({ run, title, at, check, outcome });
    });
    return found.sort((a, b) => b.at - a.at);
  }

  /** Cancels what runs, and waits for it. */
  async close(): Promise<void> {
    for (const { stop } of this.#active.values())
      stop.abort(new FlashfleetError("interrupted", "the controller stops"));
    await Promise.all([...this.#active.values()].map(({ done }) => done));
  }

  #drive(run: RunId, { plan, stop }: Active, journal: RunJournal): Promise<void> {
    const { fleet, specs, clock, secretKey, keptSecrets } = this.#parts;
    const { check } = plan;
    const { signal } = stop;
    const bench = { run, fleet, specs, clock, secretKey, keptSecrets, check, overlay: new Map(), signal };
    return drive({ plan, bench, journal });
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
        `cannot run ${plan.title}: run ${run} (${active.title}) works on ${shared.slice(0, 5).join(", ")}${shared.length > 5 ? ` and ${shared.length - 5} more` : ""}`,
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

/** Lines of live output that somebody who begins to look on, or is slow, is still shown. */
const rememberedProgress = 2000;

function tell(active: Active, event: RunEvent): void {
  active.events.push(event);
  if (event.is === "progress") active.progress.push(active.events.length - 1);
  if (active.progress.length > 2 * rememberedProgress) {
    for (const index of active.progress.splice(0, rememberedProgress)) active.events[index] = undefined;
  }
  for (const wake of active.wake) wake();
}

/** False when the client has gone. */
function nextEvent(active: Active, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (news: boolean) => {
      active.wake.delete(wake);
      signal.removeEventListener("abort", gone);
      resolve(news);
    };
    const wake = () => end(true);
    const gone = () => end(false);
    active.wake.add(wake);
    signal.addEventListener("abort", gone, { once: true });
  });
}

/** Two runs of one project keep the same thing. */
function ignoreConflict(error: unknown): number {
  if (error instanceof FlashfleetError && error.code === "store_conflict") return 0;
  throw error;
}
