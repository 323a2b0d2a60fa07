import { createHash } from "node:crypto";
import { Refusal, type Value } from "./value.ts";

const words = 624;

/**
 * Python's generator of numbers (MT19937, `random.Random(seed)`): the same numbers for the same seed, so that what playbooks
 * spread over hosts with `random(seed=inventory_hostname)` lies where Ansible has put it.
 */
export class SeededRandom {
  readonly #state = new Uint32Array(words);
  #index = words;

  constructor(seed: Value) {
    this.#seed(keyOf(seed));
  }

  #seed(key: readonly number[]): void {
    const state = this.#state;
    const at = (index: number) => state[index] ?? 0;
    const mix = (before: number) => before ^ (before >>> 30);
    state[0] = 19650218;
    for (let i = 1; i < words; i++) state[i] = Math.imul(1812433253, mix(at(i - 1))) + i;
    let [i, j] = [1, 0];
    const next = () => {
      if (++i < words) return;
      state[0] = at(words - 1);
      i = 1;
    };
    for (let k = Math.max(words, key.length); k > 0; k--) {
      state[i] = (at(i) ^ Math.imul(mix(at(i - 1)), 1664525)) + (key[j] ?? 0) + j;
      next();
      if (++j >= key.length) j = 0;
    }
    for (let k = words - 1; k > 0; k--) {
      state[i] = (at(i) ^ Math.imul(mix(at(i - 1)), 1566083941)) - i;
      next();
    }
    state[0] = 0x80000000;
  }

  #twist(): void {
    const state = this.#state;
    const at = (index: number) => state[index % words] ?? 0;
    for (let i = 0; i < words; i++) {
      const joined = (at(i) & 0x80000000) | (at(i + 1) & 0x7fffffff);
      state[i] = at(i + 397) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#index = 0;
  }

  #word(): number {
    if (this.#index >= words) this.#twist();
    let word = this.#state[this.#index++] ?? 0;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** A whole number from 0 up to below a bound of at most 53 bits. */
  below(bound: number): number {
    const bits = bound.toString(2).length;
    for (;;) {
      const low = this.#word();
      const number = bits <= 32 ? low >>> (32 - bits) : low + (this.#word() >>> (64 - bits)) * 2 ** 32;
      if (number < bound) return number;
    }
  }
}

/** The seed as Python makes words of it: a number's own, or a text's with its SHA-512 behind it. Lowest first. */
function keyOf(seed: Value): number[] {
  if (typeof seed === "number" && Number.isSafeInteger(seed)) return wordsOf(BigInt(Math.abs(seed)));
  if (typeof seed === "boolean") return [Number(seed)];
  if (typeof seed !== "string") throw new Refusal("a seed is text or a whole number");
  const bytes = Buffer.from(seed);
  return wordsOf(BigInt(`0x${bytes.toString("hex")}${createHash("sha512").update(bytes).digest("hex")}`));
}

function wordsOf(value: bigint): number[] {
  const found: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 32n) found.push(Number(rest & 0xffffffffn));
  return found.length === 0 ? [0] : found;
}
