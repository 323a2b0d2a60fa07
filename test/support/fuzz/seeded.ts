/** Chance from a seed: the same numbers again for the same seed, which must not be drawn twice. Mulberry32. */
export function seeded(seed: number): { nextInt(least?: number, most?: number): number } {
  let state = seed | 0;
  return {
    nextInt: (least = 0, most = 0x7fff_ffff) => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return least + (((mixed ^ (mixed >>> 14)) >>> 0) % (most - least + 1));
    },
  };
}
