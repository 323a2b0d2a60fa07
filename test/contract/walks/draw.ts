import type { Random } from "fast-check";
import type { Act } from "../row.ts";
import type { Rough } from "./rough.ts";
import type { Table } from "./vocabulary.ts";

/** A move of a walk: some acts that belong together, or none where the state has nothing for it. */
export type Move = (draw: Draw, rough: Rough) => readonly Act[];
export type Moves = readonly (readonly [weight: number, move: Move])[];

/** Of all values that are written, so many are bad ones. */
const badShare = 0.2;

/** Chance, from the seed of the walk. */
export class Draw {
  readonly #random: Pick<Random, "nextInt">;

  constructor(random: Pick<Random, "nextInt">) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random.nextInt(0, 999) < probability * 1000;
  }

  /** @param most inclusive */
  upTo(most: number): number {
    return this.#random.nextInt(0, most);
  }

  /** undefined of nothing. */
  maybe<T>(from: readonly T[]): T | undefined {
    return from.length === 0 ? undefined : from[this.#random.nextInt(0, from.length - 1)];
  }

  /** @throws where there is nothing to pick from */
  pick<T>(from: readonly T[]): T {
    const found = this.maybe(from);
    if (found === undefined) throw new Error("nothing to pick from");
    return found;
  }

  weighted<T>(from: readonly (readonly [weight: number, value: T])[]): T {
    const total = from.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#random.nextInt(0, total - 1);
    for (const [weight, value] of from) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new Error("nothing to pick from");
  }

  /** Mostly a usual one. */
  usually<T>(usual: readonly T[], odd: readonly T[]): T {
    return this.chance(1 - badShare) ? this.pick(usual) : this.pick(odd);
  }

  /** A write to an attribute of a table, below `at`. */
  writing(at: string, table: Table): Act {
    const [name, { good, bad }] = this.pick(Object.entries(table));
    const isBad = good.length === 0 || (bad.length > 0 && this.chance(badShare));
    return { act: "write", path: `${at}/${name}`, value: this.pick(isBad ? bad : good) };
  }
}
