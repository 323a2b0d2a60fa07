import type { Json } from "../../shared/protocol/json.ts";
import type { HostRecap, TaskResult } from "./entry.ts";
import type { Step } from "./plan.ts";
import { count, emptyRecap } from "./recap.ts";

/** What a run has come to: the fold of its results. */
export class RunState {
  readonly #facts = new Map<string, Json>();
  readonly #registered = new Map<string, Map<string, Json>>();
  readonly #lost = new Map<string, "failed" | "unreachable">();
  readonly #recap = new Map<string, HostRecap>();

  /** Takes the result of a step on a host. `also`: hosts that register it too, for run_once. */
  take(step: Step, result: TaskResult, also: readonly string[] = []): void {
    const { host, outcome, item, ignored } = result;
    if (item !== undefined) return;
    count(this.#recapOf(host), result);
    if (step.is === "facts") {
      if (outcome === "ok") this.#facts.set(host, result.result);
    } else if (step.register !== undefined) {
      for (const each of [host, ...also]) this.#register(each, step.register, result.result);
    }
    if (outcome === "unreachable" || (outcome === "failed" && !ignored)) this.#lost.set(host, outcome);
  }

  /** Counts a host that has done nothing yet: it is in the recap. */
  begin(host: string): void {
    this.#recapOf(host);
  }

  facts(host: string): Json | undefined {
    return this.#facts.get(host);
  }

  registered(host: string): ReadonlyMap<string, Json> {
    return this.#registered.get(host) ?? new Map();
  }

  /** Failed or unreachable: it takes no part in what follows. */
  isLost(host: string): boolean {
    return this.#lost.has(host);
  }

  recap(): Record<string, HostRecap> {
    return Object.fromEntries(this.#recap);
  }

  #recapOf(host: string): HostRecap {
    const known = this.#recap.get(host) ?? emptyRecap();
    this.#recap.set(host, known);
    return known;
  }

  #register(host: string, name: string, value: Json): void {
    const values = this.#registered.get(host) ?? new Map<string, Json>();
    values.set(name, value);
    this.#registered.set(host, values);
  }
}
