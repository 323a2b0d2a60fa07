// Node's inspect symbol by its registered name: this file stays free of Node, for the browser.
const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

/** A value that must never be seen: it prints, serialises and inspects as `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: only for the write that needs it. */
  reveal(): string {
    return this.#value;
  }

  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#value === this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspectCustom](): string {
    return "[secret]";
  }
}
