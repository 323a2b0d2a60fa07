import type { Value } from "./value.ts";

/** A group that `groupby` makes: a pair, whose parts also have the names `grouper` and `list`. */
export class Group extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The part of a name; undefined where there is none. */
  part(name: string): Value | undefined {
    return name === "grouper" ? this[0] : name === "list" ? this[1] : undefined;
  }
}
