import { toErrorData } from "../../shared/errors.ts";
import type { Meta, Task } from "../project/playbook.ts";
import { Announcer } from "./announcer.ts";
import { callId } from "./call-id.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { TaskResult } from "./entry.ts";
import { Includes } from "./include-on-host.ts";
import { Notified } from "./notified.ts";
import { type Doing, type HandlerStep, handlerSteps, type Step } from "./program.ts";
import type { BatchOf, Stage } from "./stage.ts";
import { Strands } from "./strands.ts";
import { type HostTask, runOnHost } from "./task-on-host.ts";

/** Why a batch ended before its hosts were through. */
export type Ended = "end_play" | "end_batch" | undefined;

/** Some hosts of a play on their way through it, each on a strand of its own. */
export class Batch {
  readonly #stage: Stage;
  readonly #of: BatchOf;
  readonly #strands: Strands;
  readonly #notified: Notified;
  readonly #announcer: Announcer;
  readonly #includes: Includes;
  readonly #handlers: readonly HandlerStep[];
  #ended: Ended;

  constructor(stage: Stage, of: BatchOf) {
    this.#stage = stage;
    this.#of = of;
    const notified = new Notified(of.play, stage.scopes.ofPlay(of.play));
    this.#notified = notified;
    this.#strands = new Strands(of.hosts, of.program, (host, handler) => notified.has(host, handler));
    this.#announcer = new Announcer(stage, of);
    this.#includes = new Includes(stage.plan.selection);
    this.#handlers = handlerSteps(of.play);
  }

  get ended(): Ended {
    return this.#ended;
  }

  /** Hosts that failed or could not be reached. */
  get lost(): readonly string[] {
    return this.#strands.lost;
  }

  /** Until every host is through, lost, or told to end. `isOver` is asked after each step. */
  async run(isOver: () => boolean): Promise<void> {
    await (this.#of.play.strategy === "free" ? this.#free(isOver) : this.#linear(isOver));
    await this.#runDueHandlers();
    for (const host of this.lost) this.#stage.state.lose(host);
  }

  /** All hosts finish a step before any of them begins the next one. */
  async #linear(isOver: () => boolean): Promise<void> {
    for (;;) {
      this.#stage.bench.signal.throwIfAborted();
      const wave = this.#strands.next();
      if (wave === undefined) return;
      await this.#step(wave.step, wave.hosts);
      if (isOver()) return;
    }
  }

  /** Each host goes on as soon as it can. */
  async #free(isOver: () => boolean): Promise<void> {
    await eachAtOnce(this.#of.hosts, this.#stage.plan.forks, async (host) => {
      for (let step = this.#strands.stepOf(host); step !== undefined; step = this.#strands.stepOf(host)) {
        this.#stage.bench.signal.throwIfAborted();
        await this.#step(step, [host]);
        if (isOver()) return;
      }
    });
  }

  async #step(step: Step, hosts: readonly string[]): Promise<void> {
    const place = this.#strands.placeOf(hosts[0] ?? "");
    if (step.is === "meta") for (const host of hosts) this.#meta(step, host);
    else if (step.is === "include") await this.#include(step, hosts, place);
    else await this.#do(step, hosts, place);
  }

  #meta(meta: Meta, host: string): void {
    try {
      const scope = this.#stage.scopes.ofTask(this.#of.play, this.#strands.active, meta, host);
      if (meta.when.every((condition) => condition.holds(scope))) this.#divert(meta, host);
      else this.#strands.of(host).done();
    } catch (error) {
      this.#take(undefined, { host, outcome: "failed", result: {}, error: toErrorData(error) }, []);
      this.#strands.fail(host);
    }
  }

  #divert({ word }: Meta, host: string): void {
    const strand = this.#strands.of(host);
    if (word === "flush_handlers" && this.#notified.hasAny(host)) strand.descend(this.#handlers);
    else if (word === "end_host") strand.end({ lost: false });
    else if (word === "end_play" || word === "end_batch") {
      this.#ended = word;
      this.#strands.end();
    } else strand.done();
  }

  async #include(step: Extract<Step, { is: "include" }>, hosts: readonly string[], place: string): Promise<void> {
    const { journal } = this.#stage;
    const isNew = hosts.some((host) => this.#past(place, host) === undefined);
    const task = isNew ? await this.#announcer.announce(step, place, hosts) : -1;
    const results: TaskResult[] = [];
    for (const host of hosts) {
      const included = this.#includes.at(step, this.#hostTask(host, task));
      const own = included.results.map((result) => this.#judged(result, host));
      for (const result of own) this.#take(undefined, result, []);
      if (this.#past(place, host) === undefined) results.push(...own);
      if (own.some(({ outcome }) => outcome === "failed")) this.#strands.fail(host);
      else if (included.tasks.length > 0) this.#strands.of(host).descend(included.tasks, included.of);
      else this.#strands.of(host).done();
    }
    if (results.length === 0) return;
    await journal.append({ is: "results", task, results });
  }

  async #do(step: Exclude<Step, { is: "meta" | "include" }>, active: readonly string[], place: string): Promise<void> {
    const { plan, journal, scopes } = this.#stage;
    const doing: Doing = step.is === "handler" ? step.handler : step;
    const [first = ""] = active;
    scopes.refresh();
    const once = doing.is === "task" && this.#isOnce(doing, first);
    const hosts = once ? [first] : active;
    const stood = new Map(active.map((host) => [host, this.#strands.placeOf(host)]));
    const results: TaskResult[] = [];
    const due: string[] = [];
    for (const host of hosts) {
      const past = this.#past(place, host);
      if (past === undefined) due.push(host);
      for (const result of past ?? []) {
        this.#take(doing, result, once ? active : []);
        if (result.item === undefined) results.push(result);
      }
    }
    const task = due.length === 0 ? -1 : await this.#announcer.announce(step, place, due);
    const throttle = doing.is === "task" && doing.throttle ? doing.throttle : plan.forks;
    if (step.is === "handler") for (const host of active) this.#notified.take(host, step.handler);
    await eachAtOnce(due, Math.min(plan.forks, throttle), async (host) => {
      const result = this.#judged(await runOnHost(doing, this.#hostTask(host, task, doing, once ? active : [])), host);
      journal.result(task, result);
      this.#take(doing, result, once ? active : []);
      results.push(result);
    });
    await journal.flush();
    let fatal = false;
    for (const result of results) {
      for (const host of once ? active : [result.host]) {
        // Another host has ended the play for all of them meanwhile.
        if (this.#strands.placeOf(host) !== stood.get(host)) continue;
        fatal = this.#advance(doing, host, result) || fatal;
      }
    }
    if (fatal) for (const host of this.#strands.active) this.#strands.fail(host);
  }

  /** What this run, or the one that it resumes, has of the task already. */
  #past(place: string, host: string): readonly TaskResult[] | undefined {
    const { own, past } = this.#stage.history;
    const { play } = this.#of.at;
    return own.resultsAt(play, place, host) ?? past.resultsAt(play, place, host);
  }

  /** A failure below a block that will rescue it is no loss. */
  #judged(result: TaskResult, host: string): TaskResult {
    const guarded = result.outcome === "failed" && !result.ignored && this.#strands.of(host).isGuarded;
    return guarded ? { ...result, rescued: true } : result;
  }

  /** On with a host, as its result has it; true where that ends it for all hosts. */
  #advance(doing: Doing, host: string, result: TaskResult): boolean {
    const { outcome, ignored } = result;
    const strand = this.#strands.of(host);
    if (outcome === "changed" && doing.is === "task" && !this.#notify(doing, host)) return false;
    if (ignored || (outcome !== "failed" && outcome !== "unreachable")) {
      strand.done();
      return false;
    }
    const fatal = doing.is === "task" && this.#isFatal(doing, host) && !(outcome === "failed" && strand.isGuarded);
    if (outcome === "unreachable") this.#strands.leave(host);
    else {
      this.#remember(doing, host, result);
      this.#strands.fail(host);
    }
    return fatal;
  }

  /** What a rescue can ask for. */
  #remember(doing: Doing, host: string, { result }: TaskResult): void {
    const { state } = this.#stage;
    const name = doing.is === "facts" ? "Gathering Facts" : (doing.name?.text ?? doing.module.name);
    state.register(host, "ansible_failed_task", { name });
    state.register(host, "ansible_failed_result", result);
  }

  /** False where a handler's name is wrong, which fails the host. */
  #notify(task: Task, host: string): boolean {
    try {
      for (const name of task.notify) this.#notified.notify(host, name.render(this.#scope(task, host)));
      return true;
    } catch (error) {
      this.#take(undefined, { host, outcome: "failed", result: {}, error: toErrorData(error) }, []);
      this.#strands.fail(host);
      return false;
    }
  }

  /** A pause is one for all. */
  #isOnce(task: Task, host: string): boolean {
    return task.module.name === "pause" || task.runOnce?.holds(this.#scope(task, host)) === true;
  }

  #isFatal(task: Task, host: string): boolean {
    const { play } = this.#of;
    return (task.anyErrorsFatal ?? play.anyErrorsFatal)?.holds(this.#scope(task, host)) === true;
  }

  /** On hosts that failed: what was notified there before would be lost otherwise. */
  async #runDueHandlers(): Promise<void> {
    const { play } = this.#of;
    const forced =
      this.#stage.plan.forceHandlers || play.forceHandlers?.holds(this.#stage.scopes.ofPlay(play)) === true;
    if (!forced) return;
    const failed = this.#of.hosts.filter((host) => this.#strands.of(host).isLost && this.#notified.hasAny(host));
    for (const [number, handler] of this.#handlers.entries()) {
      const due = failed.filter((host) => this.#notified.has(host, handler.handler));
      if (due.length > 0) await this.#do(handler, due, `forced.${number}`);
    }
  }

  #take(doing: Doing | undefined, result: TaskResult, also: readonly string[]): void {
    this.#stage.state.take(doing, result, also);
  }

  #scope(task: Task, host: string) {
    return this.#stage.scopes.ofTask(this.#of.play, this.#strands.active, task, host);
  }

  #hostTask(host: string, task: number, doing?: Doing, also: readonly string[] = []): HostTask {
    const { bench, scopes, redaction, journal, plan } = this.#stage;
    const { play, at } = this.#of;
    return {
      bench,
      scopes,
      redaction,
      clock: bench.clock,
      play,
      hosts: this.#strands.active,
      host,
      call: callId(plan, bench.run, { ...at, task, host }),
      onItem: (result) => {
        journal.result(task, result);
        this.#take(doing, result, also);
      },
      onProgress: (text, stream) =>
        journal.progress({
          is: "progress",
          host,
          text: redaction.text(text),
          ...(stream === undefined ? {} : { stream }),
        }),
      onRetry: (text) => journal.progress({ is: "progress", host, text: redaction.text(text), retry: true }),
    };
  }
}
