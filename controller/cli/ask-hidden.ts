import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on stderr and takes a line from stdin, without showing what is typed. */
export async function askHidden(question: string, stop: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await lines.question("", { signal: stop });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
