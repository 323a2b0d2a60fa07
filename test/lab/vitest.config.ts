import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

declare module "vitest" {
  export interface ProvidedContext {
    /** The series of the kernel under test: FLASHFLEET_LAB_KERNEL. */
    kernel: string;
  }
}

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    provide: { kernel: process.env.FLASHFLEET_LAB_KERNEL ?? "6.12" },
    include: ["test/lab/**/*.test.ts"],
    // One machine's emulator fills a processor: two tests at once would only be slower.
    fileParallelism: false,
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
  },
});
