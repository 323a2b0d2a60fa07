import { isJsonRecord, type Json } from "../../shared/protocol/json.ts";
import type { HostRecap, TaskResult } from "./entry.ts";
import type { Doing } from "./program.ts";
import { count, emptyRecap } from "./recap.ts";

/** What a run has come to: the fold of its results. */
export class RunState {
  readonly #facts = new Map<string, Json>();
  readonly #registered = new Map<string, Map<string, Json>>();
  readonly #lost = new Set<string>();
  readonly #recap = new Map<string, HostRecap>();

  /** Takes the result of a step on a host. `also`: hosts that register it too, for run_once. */
  take(step: Doing | undefined, result: TaskResult, also: readonly string[] = []): void {
    const { host, outcome, item } = result;
    if (item !== undefined) return;
    count(this.#recapOf(host), result);
    const task = step?.is === "task" ? step : undefined;
    if (outcome === "ok" && (step?.is === "facts" || task?.module.name === "setup"))
      this.#facts.set(host, result.result);
    if (outcome === "ok" && task?.module.name === "set_fact") {
      for (const each of [host, ...also]) this.#setFacts(each, result.result);
    }
    if (task?.register !== undefined) {
      for (const each of [host, ...also]) this.register(each, task.register, result.result);
    }
  }

  /** They stay variables of the host for the rest of the run. */
  #setFacts(host: string, result: Json): void {
    const facts = isJsonRecord(result) ? result.ansible_facts : undefined;
    if (!isJsonRecord(facts)) return;
    for (const [name, value] of Object.entries(facts)) this.register(host, name, value);
  }

  facts(host: string): Json | undefined {
    return this.#facts.get(host);
  }

  registered(host: string): ReadonlyMap<string, Json> {
    return this.#registered.get(host) ?? new Map();
  }

  register(host: string, name: string, value: Json): void {
    const values = this.#registered.get(host) ?? new Map<string, Json>();
    values.set(name, value);
    this.#registered.set(host, values);
  }

  /** Failed or unreachable: it takes no part in what follows. */
  lose(host: string): void {
    this.#lost.add(host);
  }

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
}
