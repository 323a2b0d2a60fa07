import type { RunEvent, TaskResult } from "../run/entry.ts";
import type { Paint } from "./paint.ts";

/** So many hosts with one failure are named; the rest is counted. */
const named = 3;
/** So many tasks are shown as the slowest. */
const slowest = 10;

interface Failure {
  task: string;
  message: string;
  hosts: string[];
}

/** What people want to know at the end of a run over many hosts, gathered from its events. */
export class RunSummary {
  readonly #failures = new Map<string, Failure>();
  readonly #times: { name: string; millis: number }[] = [];
  readonly #names = new Map<number, string>();
  /** Of the task that is under way: by message, how many hosts were shown. */
  readonly #shown = new Map<string, number>();
  #current: { name: string; at: number } | undefined;

  take(event: RunEvent): void {
    if (event.is === "play") this.#names.clear();
    if (event.is === "task" || event.is === "play" || event.is === "finished") this.#end(event.at);
    if (event.is === "task") {
      this.#current = { name: event.name, at: event.at };
      this.#names.set(event.task, event.name);
      this.#shown.clear();
    }
    if (event.is !== "results") return;
    for (const result of event.results.filter(isFailure)) {
      this.#fail(this.#names.get(event.task) ?? "", messageOf(result), result.host);
    }
  }

  /** Without copies of a failure that enough hosts of this task have shown. */
  fold(results: readonly TaskResult[]): readonly TaskResult[] {
    return results.filter((result) => {
      if (!isFailure(result)) return true;
      const message = messageOf(result);
      const shown = (this.#shown.get(message) ?? 0) + 1;
      this.#shown.set(message, shown);
      return shown <= named;
    });
  }

  /** Failures that more hosts share than can be looked at one by one. */
  failures(paint: Paint): string {
    return [...this.#failures.values()]
      .filter(({ hosts }) => hosts.length > named)
      .map(({ task, message, hosts }) => {
        const names = `${hosts.slice(0, named).join(", ")} and ${hosts.length - named} more`;
        return paint.failed(`${hosts.length} hosts failed at [${task}]: ${message}\n  ${names}\n`);
      })
      .join("");
  }

  /** The slowest tasks, by the controller's clock. */
  profile(): string {
    const lines = this.#times
      .toSorted((one, other) => other.millis - one.millis)
      .slice(0, slowest)
      .map(({ name, millis }) => `${(millis / 1000).toFixed(2).padStart(9)} s  ${name}\n`);
    return lines.length === 0 ? "" : `slowest tasks:\n${lines.join("")}`;
  }

  #end(at: number): void {
    if (this.#current !== undefined) {
      this.#times.push({ name: this.#current.name, millis: Math.max(0, at - this.#current.at) });
    }
    this.#current = undefined;
  }

  #fail(task: string, message: string, host: string): void {
    const key = `${task}\n${message}`;
    const known = this.#failures.get(key);
    if (known === undefined) this.#failures.set(key, { task, message, hosts: [host] });
    else known.hosts.push(host);
  }
}

const isFailure = ({ outcome, ignored, item }: TaskResult) =>
  item === undefined && !ignored && (outcome === "failed" || outcome === "unreachable");

const messageOf = ({ error, outcome }: TaskResult) => error?.message ?? outcome;
