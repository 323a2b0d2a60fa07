import type { Json } from "../../shared/protocol/json.ts";
import { Secret } from "../../shared/secret.ts";
import type { Vault } from "../store/vault.ts";
import type { RunEvent, TaskResult } from "./entry.ts";

/**
 * What tasks gave, where people may not see all of it: the tasks that follow need it as it is, also when another life of the
 * controller goes on with the run. So it lies in the run's entry encrypted, beside what is shown.
 */
export class KeptResults {
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** What is shown, and with it what was given, where the two differ. */
  keep(shown: TaskResult, given: Json): TaskResult {
    const text = JSON.stringify(given);
    if (JSON.stringify(shown.result) === text) return shown;
    return { ...shown, sealed: this.#vault.seal(purpose(shown), new Secret(text)) };
  }

  /** What the task gave. Throws `key_missing` where another controller sealed it. */
  open(result: TaskResult): Json {
    if (result.sealed === undefined) return result.result;
    return JSON.parse(this.#vault.open(purpose(result), result.sealed).reveal());
  }
}

const purpose = ({ host }: TaskResult) => `a task's result on ${host}`;

/** An event for people, who can do nothing with what is sealed. */
export function withoutSealed(event: RunEvent): RunEvent {
  if (event.is !== "results" || event.results.every(({ sealed }) => sealed === undefined)) return event;
  return { ...event, results: event.results.map(({ sealed: _, ...result }) => result) };
}
