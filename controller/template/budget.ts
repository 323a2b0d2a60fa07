import { Refusal } from "./value.ts";

/** Nodes evaluated, items handled and blocks of text made, for one template: far above honest use, well below a second. */
const mostSteps = 5_000_000;
/** Characters of one text that a template makes. */
export const mostText = 16 * 1024 * 1024;
/** Templates that evaluate templates, one inside the other. */
const mostDepth = 60;

/** What one evaluation may still spend: no playbook can hold the controller up. */
export class Budget {
  #steps = mostSteps;
  #depth = 0;

  spend(steps = 1): void {
    this.#steps -= steps;
    if (this.#steps < 0)
      throw new Refusal(`it takes more than ${mostSteps} steps`, "make it smaller, or split it over several variables");
  }

  /** Pays for text before it is made, and refuses too much of it. */
  spendText(characters: number): void {
    if (characters > mostText) throw new Refusal(`it makes more than ${mostText} characters of text`);
    this.spend(1 + Math.floor(characters / 64));
  }

  /** Runs one level deeper. */
  deeper<T>(work: () => T): T {
    if (this.#depth >= mostDepth) throw new Refusal(`variables need each other more than ${mostDepth} levels deep`);
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}
