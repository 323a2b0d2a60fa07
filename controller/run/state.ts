import { isJsonRecord, type Json } from "../../shared/protocol/json.ts";
import type { VariableMap } from "../project/playbook.ts";
import { type CompiledValue, compileValue } from "../template/compiled-value.ts";
import type { HostRecap, TaskResult } from "./entry.ts";
import type { Doing } from "./program.ts";
import { count, emptyRecap } from "./recap.ts";

/** What a run has come to: the fold of its results. */
export class RunState {
  readonly #given: (result: TaskResult) => Json;
  readonly #facts = new Map<string, Json>();
  readonly #registered = new Map<string, Map<string, Json>>();
  readonly #included = new Map<string, VariableMap>();
  readonly #lost = new Set<string>();
  readonly #recap = new Map<string, HostRecap>();

  /** `given`: what a task gave, of which its result may show a part. */
  constructor(given: (result: TaskResult) => Json = ({ result }) => result) {
    this.#given = given;
  }

  /** Takes the result of a step on a host. `also`: hosts that register it too, for run_once. */
  take(step: Doing | undefined, result: TaskResult, also: readonly string[] = []): void {
    const { host, item } = result;
    if (item !== undefined) return;
    count(this.#recapOf(host), result);
    const task = step?.is === "task" ? step : undefined;
    const name = step?.is === "facts" ? "setup" : task?.module.name;
    if (name === "setup" || name === "set_fact" || name === "include_vars") {
      for (const { of, value } of factsIn(result, this.#given(result))) {
        if (name === "setup") this.#facts.set(of, value);
        else {
          for (const each of of === host ? [host, ...also] : [of]) {
            if (name === "set_fact") this.#setFacts(each, value);
            else this.#include(each, value);
          }
        }
      }
    }
    if (task?.register !== undefined) {
      const given = this.#given(result);
      for (const each of [host, ...also]) this.register(each, task.register, given);
    }
  }

  /** They stay variables of the host for the rest of the run. */
  #setFacts(host: string, result: Json): void {
    const facts = isJsonRecord(result) ? result.ansible_facts : undefined;
    if (!isJsonRecord(facts)) return;
    for (const [name, value] of Object.entries(facts)) this.register(host, name, value);
  }

  /** What a rescue can ask for. */
  registerFailure(host: string, name: string, result: TaskResult): void {
    this.register(host, "ansible_failed_task", { name });
    this.register(host, "ansible_failed_result", this.#given(result));
  }

  facts(host: string): Json | undefined {
    return this.#facts.get(host);
  }

  registered(host: string): ReadonlyMap<string, Json> {
    return this.#registered.get(host) ?? new Map();
  }

  /** What include_vars gave the host: templates, evaluated where they are used. */
  included(host: string): VariableMap | undefined {
    return this.#included.get(host);
  }

  #include(host: string, result: Json): void {
    const found = isJsonRecord(result) && isJsonRecord(result.ansible_facts) ? result.ansible_facts : {};
    const vars = Object.entries(found).map(([name, value]): [string, CompiledValue] => [name, compileValue(value)]);
    this.#included.set(host, new Map([...(this.#included.get(host) ?? []), ...vars]));
  }

  /** As if nothing had been asked. */
  clearFacts(host: string): void {
    this.#facts.delete(host);
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

  /** They take part again. */
  forgive(hosts: readonly string[]): void {
    for (const host of hosts) this.#lost.delete(host);
  }

  /** How many are lost by now. */
  get lost(): number {
    return this.#lost.size;
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

/** What was found out or set, of each item of a loop by itself, and the host that it is of. */
function factsIn({ host, outcome, factsOf, loop }: TaskResult, given: Json): { of: string; value: Json }[] {
  if (loop !== true)
    return outcome === "ok" || outcome === "changed" ? [{ of: factsOf?.[0] ?? host, value: given }] : [];
  const items = isJsonRecord(given) && Array.isArray(given.results) ? given.results : [];
  return items.flatMap((value, index) =>
    isJsonRecord(value) && value.failed !== true && value.skipped !== true
      ? [{ of: factsOf?.[index] ?? host, value }]
      : [],
  );
}
