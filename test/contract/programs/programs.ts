import type { Lib } from "./lib.ts";
import { t1 } from "./t1.ts";

/** A program that was run on real kernels: it prints its lines through the library. */
export type Program = (lib: Lib) => Promise<void>;

/** By the names of the recordings. */
export const programs: Readonly<Record<string, Program>> = { t1 };
