import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const Played = z.object({ code: z.number(), out: z.string() });

/** Ansible in a process that has loaded it: a playbook costs a fork instead of a start. */
export class Player {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    // The interpreter of Debian's package, whichever comes first on the search path.
    this.#child = spawn("/usr/bin/python3", [fileURLToPath(new URL("play.py", import.meta.url))]);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** One after the other. */
  async play(directory: string, args: readonly string[]): Promise<z.infer<typeof Played>> {
    this.#child.stdin.write(`${JSON.stringify({ directory, args })}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("play.py has ended");
    return Played.parse(JSON.parse(value));
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, "close");
  }
}
