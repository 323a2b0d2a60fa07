import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

declare module "vitest" {
  export interface ProvidedContext {
    /** The series of the kernel under test: FLASHFLEET_LAB_KERNEL. */
    kernel: string;
    /** How many operations random walks do, and from which seed; `run` begins at a walk that failed. */
    walks: { operations: number; seed: number; run: number | undefined };
  }
}

/** FLASHFLEET_LAB_SEED=SEED or SEED:RUN, as a failure prints it. */
const [seed = Math.floor(Math.random() * 2 ** 31), run] = (process.env.FLASHFLEET_LAB_SEED ?? "")
  .split(":")
  .filter(Boolean)
  .map(Number);
const operations = Number(process.env.FLASHFLEET_LAB_WALKS ?? 2000);

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    provide: { kernel: process.env.FLASHFLEET_LAB_KERNEL ?? "6.12", walks: { operations, seed, run } },
    include: ["test/lab/**/*.test.ts"],
    // One machine's emulator fills a processor: two tests at once would only be slower.
    fileParallelism: false,
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
  },
});
