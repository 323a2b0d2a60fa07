import { nearest } from "../../shared/nearest.ts";

/** "did you mean 'x'?" for a mistyped word, or undefined where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const best = nearest(word, candidates);
  return best === undefined ? undefined : `did you mean '${best}'?`;
}
