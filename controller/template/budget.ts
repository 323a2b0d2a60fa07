import { Refusal } from "./value.ts";

/** Nodes evaluated, items handled and blocks of text made, for one template: far above honest use, well below a second. */
const mostSteps = 5_000_000;
/** Characters of one text that a template makes. */
export const mostText = 16 * 1024 * 1024;
/** Templates that evaluate templates, one inside the other. */
const mostDepth = 60;

/** What one evaluation may still spend: no playbook can hold the controller up. */
export class Budget {
  readonly #most: number;
  #steps: number;
  #depth = 0;

  constructor(most = mostSteps) {
    this.#most = most;
    this.#steps = most;
  }

  spend(steps = 1): void {
    this.#steps -= steps;
    if (this.#steps < 0)
      throw new Refusal(
        `it takes more than ${this.#most} steps`,
        "make it smaller, or split it over several variables",
      );
  }

  /** Pays for text before it is made, and refuses too much of it. */
  spendText(characters: number): void {
    if (characters > mostText) throw new Refusal(`it makes more than ${mostText} characters of text`);
    this.spend(1 + Math.floor(characters / 64));
  }

  /** Runs one level deeper. `what` says, for the error, what goes too deep. */
  deeper<T>(work: () => T, what = "variables need each other"): T {
    if (this.#depth >= mostDepth) throw new Refusal(`${what} more than ${mostDepth} levels deep`);
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}
