import type { Value } from "../value.ts";

export interface Frame {
  readonly values: Map<string, Value>;
  /** Where a name is looked for that is not here. */
  readonly around: Frame | undefined;
  /** Whether behind it there is nothing: an import sees no variables. */
  readonly isSealed: boolean;
}

/** What the statements of one rendering have made: variables, frame within frame. */
export class Frames {
  #here: Frame = { values: new Map(), around: undefined, isSealed: false };

  get here(): Frame {
    return this.#here;
  }

  get(name: string): Value | undefined {
    for (let frame: Frame | undefined = this.#here; frame !== undefined; frame = frame.around) {
      const value = frame.values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  set(name: string, value: Value): void {
    this.#here.values.set(name, value);
  }

  /** Whether the variables of the task are out of sight. */
  get isSealed(): boolean {
    let frame: Frame | undefined = this.#here;
    while (frame !== undefined && !frame.isSealed) frame = frame.around;
    return frame !== undefined;
  }

  /**
   * Works in a frame of its own, within the one that is here or another; what is set there ends with it. Within none the
   * variables of the task are out of sight.
   */
  within<T>(work: (values: ReadonlyMap<string, Value>) => T, around: Frame | "none" = this.#here): T {
    const before = this.#here;
    const values = new Map<string, Value>();
    this.#here = { values, around: around === "none" ? undefined : around, isSealed: around === "none" };
    try {
      return work(values);
    } finally {
      this.#here = before;
    }
  }
}
