import { toErrorData } from "../../shared/errors.ts";
import type { Include, Meta, Task } from "../project/playbook.ts";
import { Announcer } from "./announcer.ts";
import type { HostTask } from "./call-module.ts";
import { eachAtOnce } from "./each-at-once.ts";
import type { TaskResult } from "./entry.ts";
import { hostTask } from "./host-task.ts";
import { Includes } from "./include-on-host.ts";
import { Notified } from "./notified.ts";
import { type Doing, handlerSteps, type Step } from "./program.ts";
import type { BatchOf, Stage } from "./stage.ts";
import { Strands } from "./strands.ts";
import { runOnHost } from "./task-on-host.ts";

/** Why a batch ended before its hosts were through; `fatal`: a task failed whose failure ends the run. */
export type Ended = "end_play" | "end_batch" | "fatal" | undefined;

/** Some hosts of a play on their way through it, each on a strand of its own. */
export class Batch {
  readonly #stage: Stage;
  readonly #of: BatchOf;
  readonly #strands: Strands;
  readonly #notified: Notified;
  readonly #announcer: Announcer;
  readonly #includes: Includes;
  readonly #forgiven = new Set<string>();
  #ended: Ended;

  constructor(stage: Stage, of: BatchOf) {
    this.#stage = stage;
    this.#of = of;
    stage.scopes.beginBatch(of.hosts);
    const notified = new Notified(of.play, stage.scopes.ofPlay(of.play));
    this.#notified = notified;
    this.#strands = new Strands(of.hosts, of.program, (host, handler) => notified.has(host, handler));
    this.#announcer = new Announcer(stage, of);
    this.#includes = new Includes(stage.plan.selection);
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
    for (const host of this.lost) if (!this.#forgiven.has(host)) this.#stage.state.lose(host);
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
    if (step.is === "meta") this.#metas(step, hosts);
    else if (step.is === "include") await this.#include(step, hosts, place);
    else await this.#do(step, hosts, place);
  }

  /** As in Ansible, what concerns the whole play asks the first host alone, where all of them stand there together. */
  #metas(meta: Meta, hosts: readonly string[]): void {
    const [first, ...others] = hosts;
    const isForAll = !["flush_handlers", "end_host", "reset_connection", "noop"].includes(meta.word);
    if (first !== undefined) this.#meta(meta, first);
    for (const host of others) {
      if (!isForAll) this.#meta(meta, host);
      else if (this.#ended === undefined) this.#strands.of(host).done();
    }
  }

  #meta(meta: Meta, host: string): void {
    try {
      const scope = this.#stage.scopes.ofTask(this.#of.play, this.#strands.unharmed, meta, host);
      if (meta.when.every((condition) => condition.holds(scope))) this.#divert(meta, host);
      else this.#strands.of(host).done();
    } catch (error) {
      this.#stage.state.take(undefined, { host, outcome: "failed", result: {}, error: toErrorData(error) }, []);
      this.#strands.fail(host);
    }
  }

  #divert({ word }: Meta, host: string): void {
    const strand = this.#strands.of(host);
    if (word === "clear_facts") for (const each of this.#of.hosts) this.#stage.state.clearFacts(each);
    if (word === "clear_host_errors") this.#forgive();
    if (word === "flush_handlers" && this.#notified.hasAny(host)) strand.descend(handlerSteps(this.#of.play));
    else if (word === "end_host") this.#strands.excuse(host);
    else if (word === "end_play" || word === "end_batch") {
      this.#ended = word;
      this.#strands.end();
    } else strand.done();
  }

  /** Hosts that failed take part again, from the next play on. */
  #forgive(): void {
    for (const host of this.lost) this.#forgiven.add(host);
    for (const host of this.#strands.active) this.#strands.of(host).forgive();
    this.#stage.state.forgive(this.#stage.scopes.hostsOf(this.#of.play));
  }

  async #include(step: Extract<Step, { is: "include" }>, hosts: readonly string[], place: string): Promise<void> {
    const { journal } = this.#stage;
    const isNew = hosts.some((host) => this.#past(place, host) === undefined);
    const stood = this.#strands.placesOf(hosts);
    if (isNew && !(await this.#announcer.isWanted(step, place, hosts))) return this.#pass(hosts, stood);
    const task = isNew ? await this.#announcer.announce(step, place, hosts) : -1;
    const results: TaskResult[] = [];
    const once = this.#isOnce(step, hosts[0] ?? "");
    for (const [index, host] of hosts.entries()) {
      // What is included once is done by one host alone.
      if (once && index > 0) {
        this.#strands.of(host).done();
        continue;
      }
      const included = this.#includes.at(step, this.#hostTask(host, task));
      const own = included.results.map((result) => this.#judged(result, host));
      for (const result of own) this.#stage.state.take(undefined, result, []);
      if (this.#past(place, host) === undefined) results.push(...own);
      if (own.some(({ outcome, ignored }) => outcome === "failed" && !ignored)) this.#strands.fail(host);
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
    const stood = this.#strands.placesOf(active);
    const results: TaskResult[] = [];
    const due: string[] = [];
    for (const host of hosts) {
      const past = this.#past(place, host);
      if (past === undefined) due.push(host);
      for (const result of past ?? []) {
        this.#stage.state.take(doing, result, once ? active : []);
        if (result.item === undefined) results.push(result);
      }
    }
    if (due.length > 0 && !(await this.#announcer.isWanted(step, place, due)))
      return this.#pass(once ? active : due, stood);
    const task = due.length === 0 ? -1 : await this.#announcer.announce(step, place, due);
    const throttle = (doing.is === "task" && this.#throttleOf(doing, first)) || plan.forks;
    if (step.is === "handler") for (const host of active) this.#notified.take(host, step.handler);
    await eachAtOnce(due, Math.min(plan.forks, throttle), async (host) => {
      const result = this.#judged(await runOnHost(doing, this.#hostTask(host, task, doing, once ? active : [])), host);
      journal.result(task, result);
      this.#stage.state.take(doing, result, once ? active : []);
      results.push(result);
    });
    await journal.flush();
    const outcomes = results.flatMap((result) => (once ? active : [result.host]).map((host) => ({ host, result })));
    let fatal = false;
    // Failures first: where they end it for all, the others fail at this very step, not behind it.
    for (const { host, result } of outcomes.toSorted((a, b) => Number(isLoss(b.result)) - Number(isLoss(a.result)))) {
      // Another host has ended the play for all of them meanwhile.
      if (this.#strands.placeOf(host) !== stood.get(host)) continue;
      if (isLoss(result)) fatal = this.#fall(doing, host, result, once) || fatal;
      else if (this.#notify(doing, host, result) && !(fatal && !this.#strands.of(host).isDiverted))
        this.#strands.of(host).done();
    }
    if (fatal) this.#endAll();
  }

  /** A failure that is all hosts': those that are at a rescue, or at what is done always, come to their end first. */
  #endAll(): void {
    const straight = this.#strands.active.filter((host) => !this.#strands.of(host).isDiverted);
    if (straight.length + this.lost.length > 0) this.#ended = "fatal";
    for (const host of straight) this.#strands.fail(host);
  }

  /** On without the step, which nobody wants. */
  #pass(hosts: readonly string[], stood: ReadonlyMap<string, string>): void {
    for (const host of hosts) if (this.#strands.placeOf(host) === stood.get(host)) this.#strands.of(host).done();
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

  /** True where the loss ends it for all hosts. */
  #fall(doing: Doing, host: string, result: TaskResult, once: boolean): boolean {
    const isRescued = result.outcome === "failed" && this.#strands.of(host).isGuarded;
    // As in Ansible, what fails once fails for all.
    const fatal = doing.is === "task" && (once || this.#isFatal(doing, host)) && !isRescued;
    if (result.outcome === "unreachable") this.#strands.leave(host);
    else {
      this.#remember(doing, host, result);
      this.#strands.fail(host);
    }
    return fatal;
  }

  /** What a rescue can ask for. */
  #remember(doing: Doing, host: string, result: TaskResult): void {
    const name = doing.is === "facts" ? "Gathering Facts" : (doing.name?.text ?? doing.module.name);
    this.#stage.state.registerFailure(host, name, result);
  }

  /** False where a handler's name is wrong, which fails the host. */
  #notify(task: Doing, host: string, { outcome }: TaskResult): boolean {
    if (outcome !== "changed" || task.is !== "task") return true;
    try {
      for (const name of task.notify) this.#notified.notify(host, name.render(this.#scope(task, host)));
      return true;
    } catch (error) {
      this.#stage.state.take(undefined, { host, outcome: "failed", result: {}, error: toErrorData(error) }, []);
      this.#strands.fail(host);
      return false;
    }
  }

  #throttleOf(task: Task, host: string): number {
    return task.throttle === undefined ? 0 : Number(task.throttle.evaluate(this.#scope(task, host)));
  }

  /** A pause is one for all. */
  #isOnce(task: Task | Include, host: string): boolean {
    return (
      (task.is === "task" && task.module.name === "pause") || task.runOnce?.holds(this.#scope(task, host)) === true
    );
  }

  #isFatal(task: Task, host: string): boolean {
    return (task.anyErrorsFatal ?? this.#of.play.anyErrorsFatal)?.holds(this.#scope(task, host)) === true;
  }

  /** On hosts that failed: what was notified there before would be lost otherwise. */
  async #runDueHandlers(): Promise<void> {
    const { play } = this.#of;
    const forced =
      this.#stage.plan.forceHandlers || play.forceHandlers?.holds(this.#stage.scopes.ofPlay(play)) === true;
    // As in Ansible, not where the play itself has failed.
    if (!forced || this.#ended === "fatal") return;
    const failed = this.#of.hosts.filter((host) => this.#strands.of(host).isLost && this.#notified.hasAny(host));
    for (const [number, step] of handlerSteps(play).entries()) {
      const due = failed.filter((host) => this.#notified.has(host, step.handler));
      if (due.length > 0) await this.#do(step, due, `forced.${number}`);
    }
  }

  #scope(task: Task | Include, host: string) {
    return this.#stage.scopes.ofTask(this.#of.play, this.#strands.unharmed, task, host);
  }

  #hostTask(host: string, task: number, doing?: Doing, also: readonly string[] = []): HostTask {
    const hosts = this.#strands.unharmed;
    return hostTask(this.#stage, this.#of, {
      host,
      hosts,
      task,
      onItem: (result) => this.#stage.state.take(doing, result, also),
    });
  }
}

/** Failed or unreachable, and not ignored. */
function isLoss({ outcome, ignored }: TaskResult): boolean {
  return !ignored && (outcome === "failed" || outcome === "unreachable");
}
