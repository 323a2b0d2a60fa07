import type { Input } from "./fuzz.ts";

/** Attempts at making an input smaller. */
const mostAttempts = 2_000;

/** The input without what can be left out of its texts while it is still wrong. */
export function shrunk(input: Input, isWrong: (input: Input) => boolean): Input {
  let left = mostAttempts;
  let best = input;
  for (const name of Object.keys(input)) {
    for (let size = Math.ceil((best[name] ?? "").length / 2); size >= 1 && left > 0; size = Math.floor(size / 2)) {
      for (let at = 0; at < (best[name] ?? "").length && left > 0; left--) {
        const text = best[name] ?? "";
        const smaller = { ...best, [name]: text.slice(0, at) + text.slice(at + size) };
        if (isWrong(smaller)) best = smaller;
        else at += size;
      }
    }
  }
  return best;
}
