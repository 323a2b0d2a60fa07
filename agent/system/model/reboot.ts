import type { ModelSystem } from "./model-system.ts";

/** The reboot of a machine that a program on it asks for. */
export class Reboot {
  /** Resolves with the machine at its next boot. */
  readonly done: Promise<ModelSystem>;
  #settle: (system: Promise<ModelSystem>) => void = () => {};
  #begun = false;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** An orderly one: peers see every connection end. */
  begin(system: ModelSystem): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#settle(system.stop().then(() => system.boot()));
  }
}
