import { describe } from "vitest";
import { type MoreProgram, whyNoLab } from "./requirements.ts";

/** Tests that need the lab, and perhaps more: where that is not there they are skipped, and the reason is printed. */
export function describeLab(name: string, tests: () => void, more: readonly MoreProgram[] = []): void {
  const reason = whyNoLab(more);
  if (reason !== undefined) say(`SKIPPED: ${name}: ${reason}`);
  describe.skipIf(reason !== undefined)(name, tests);
}

/** A line for whoever watches the tests. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs and says how long it took. */
export async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await run();
  say(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
