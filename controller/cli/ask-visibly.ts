import { createInterface } from "node:readline/promises";
import { askHidden } from "./ask-hidden.ts";
import type { AskOptions } from "./context.ts";

/**
 * Asks on stderr and takes a line from stdin; undefined where stdin ends. The terminal edits the line and makes Ctrl-C a signal.
 * Rejects where the signal is aborted.
 */
export async function askVisibly(question: string, { hidden, signal }: AskOptions): Promise<string | undefined> {
  if (hidden) return askHidden(question, signal);
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const ended = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    return await Promise.race([lines.question(question, { signal }), ended]);
  } finally {
    lines.close();
    // What waits for input keeps the command from ending.
    process.stdin.pause();
  }
}
