import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { timed } from "../lab-test.ts";
import type { ControllerProcess, Shown } from "./controller-process.ts";

/** A pair, as a playbook has it. */
export interface PairFields {
  volumes: readonly Readonly<Record<string, unknown>>[];
  [field: string]: unknown;
}

/** Runs pair plays from all targets to all initiators; every drive of the targets is in the pool. */
export class PairPlays {
  readonly #controller: ControllerProcess;
  readonly #file: string;

  /** @param folder for the playbooks */
  constructor(controller: ControllerProcess, folder: string) {
    this.#controller = controller;
    this.#file = join(folder, "pair.yaml");
  }

  /** Runs one, says how long that took, and gives what the command left. @param name says what it does */
  async run(name: string, pair: PairFields, ...options: string[]): Promise<Shown> {
    const play = {
      name,
      vars: { flashfleet_pool: "all" },
      pair: { targets: "targets", initiators: "initiators", ...pair },
    };
    // JSON is YAML.
    await writeFile(this.#file, JSON.stringify([play]));
    return timed(`pair play: ${name}`, () => this.#controller.command("run", this.#file, ...options));
  }
}
