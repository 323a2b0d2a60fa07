import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { z } from "zod";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A process of the benchmark that is told what to do, and says what came of it. */
export class Child<T> implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #says: z.ZodType<T>;
  readonly #heard: T[] = [];
  #wake: () => void = () => {};
  #failed: Error | undefined;

  constructor(program: string, task: unknown, says: z.ZodType<T>, nodeOptions: readonly string[] = []) {
    this.#says = says;
    this.#process = fork(program, [JSON.stringify(task)], { cwd: root, execArgv: [...nodeOptions] });
    this.#process.on("message", (message) => {
      this.#heard.push(this.#says.parse(message));
      this.#wake();
    });
    this.#process.on("exit", (code, signal) => {
      this.#failed = new Error(`${program} ended with ${signal ?? code}`);
      this.#wake();
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error("a process of the benchmark could not be started");
    return this.#process.pid;
  }

  tell(what: object): void {
    this.#process.send(what);
  }

  /** What it says next. Throws where it has ended instead. */
  async next(): Promise<T> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard !== undefined) return heard;
      if (this.#failed !== undefined) throw this.#failed;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    if (this.#process.connected) this.#process.disconnect();
    await ended;
  }
}
