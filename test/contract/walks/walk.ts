import { Arbitrary, type Random, Stream, Value } from "fast-check";
import type { Act } from "../row.ts";
import { connect } from "../rows/acts.ts";
import { asHost, connected, exported, exportedToo, otherNqn } from "../rows/states.ts";
import { Draw } from "./draw.ts";
import { hostMoves } from "./moves-host.ts";
import { targetMoves } from "./moves-target.ts";
import { Rough } from "./rough.ts";

/** Some acts, one after the other, on a node where nothing is made. */
export type Walk = readonly Act[];

const moves = [...targetMoves, ...hostMoves];
/** Where walks begin: most of them where something is exported, or nothing much would be connected. */
const beginnings: readonly (readonly [weight: number, acts: Walk])[] = [
  [3, []],
  [2, exported],
  [4, connected],
  [2, [...exported, ...exportedToo]],
  [3, [...connected, ...exportedToo, connect({ ...asHost, nqn: otherNqn })]],
];

/**
 * Walks of `length` acts. They shrink by leaving acts out: first all that came after `failedAt` says that one failed, then
 * halves, quarters and so on, then one by one. What is left stays as it was.
 */
export class Walks extends Arbitrary<Walk> {
  readonly #length: number;
  readonly #failedAt: (walk: Walk) => number | undefined;

  constructor(length: number, failedAt: (walk: Walk) => number | undefined = () => undefined) {
    super();
    this.#length = length;
    this.#failedAt = failedAt;
  }

  override generate(random: Random): Value<Walk> {
    const draw = new Draw(random);
    const rough = new Rough();
    const acts = [...draw.weighted(beginnings)];
    for (const act of acts) rough.note(act);
    while (acts.length < this.#length) {
      for (const act of draw.weighted(moves)(draw, rough)) {
        rough.note(act);
        acts.push(act);
      }
    }
    return new Value<Walk>(acts.slice(0, this.#length), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Walk {
    return Array.isArray(value);
  }

  override shrink(walk: Walk): Stream<Value<Walk>> {
    return new Stream(shorter(walk, this.#failedAt(walk))).map((each) => new Value<Walk>(each, undefined));
  }
}

function* shorter(walk: Walk, failedAt: number | undefined): Generator<Walk> {
  if (failedAt !== undefined && failedAt + 1 < walk.length) yield walk.slice(0, failedAt + 1);
  for (let size = Math.ceil(walk.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = walk.length - size; at >= 0; at -= size) {
      if (size < walk.length) yield [...walk.slice(0, at), ...walk.slice(at + size)];
    }
  }
}
