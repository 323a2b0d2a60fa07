import { closeSync, type FSWatcher, mkdirSync, openSync, readFileSync, readSync, watch, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Millis } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { inTime, Lines } from "./lines.ts";

/** What a program left. */
export interface Ended {
  /** As a shell has it: 128 and the number of the signal, where one ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** A command line for the machine's shell. */
export interface ProgramOptions {
  command: string;
  /** Added to the machine's own. */
  environment?: Readonly<Record<string, string>>;
  /** Absolute. Default: the project's. */
  directory?: string;
}

/** A program that runs in a machine. */
export interface Program {
  /** Both outputs, as they come. */
  readonly lines: Lines;
  /** Rejects where the machine ends first. */
  readonly ended: Promise<Ended>;
  /** Sends a signal (TERM, KILL, …) to the program and its children. */
  signal(name: string): void;
}

interface Running {
  lines: Lines;
  outputs: Output[];
  resolve(ended: Ended): void;
  reject(error: unknown): void;
}

/**
 * Runs programs in a machine, any number at once: the scripts and their outputs are files that host and machine share,
 * and a serial port says `run` and `exit` (guest/commands.sh).
 */
export class Programs {
  readonly #machine: string;
  readonly #directory: string;
  readonly #watcher: FSWatcher;
  readonly #running = new Map<number, Running>();
  readonly #protocol: Lines;
  #port: Socket | undefined;
  #last = 0;
  #readyFrom = 0;
  #closed: string | undefined;

  /** @param directory the folder that the machine sees as /run/lab/programs */
  constructor(machine: string, directory: string) {
    this.#machine = machine;
    this.#directory = directory;
    this.#protocol = new Lines(`the commands port of ${machine}`);
    mkdirSync(directory, { recursive: true });
    this.#watcher = watch(directory, (_event, file) => {
      const id = Number.parseInt(file ?? "", 10);
      for (const output of this.#running.get(id)?.outputs ?? []) output.read();
    });
    void this.#listen();
  }

  /** The serial port's other end. */
  attach(port: Socket): void {
    this.#port = port;
    port.on("data", (piece) => this.#protocol.push(Buffer.from(piece)));
    port.on("error", () => {});
    port.on("close", () => this.#protocol.end());
  }

  /** Resolves when the machine takes commands, after a boot since the last {@link abandon}. */
  async ready(within: Millis): Promise<void> {
    await this.#protocol.waitFor(/^ready$/, { within, from: this.#readyFrom });
  }

  start({ command, environment = {}, directory = "/" }: ProgramOptions): Program {
    this.#last += 1;
    const id = this.#last;
    const file = (kind: string) => join(this.#directory, `${id}.${kind}`);
    const settings = Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuote(value)}\n`);
    for (const kind of ["out", "err"]) writeFileSync(file(kind), "");
    const header = `echo $$ > /run/programs/${id}\n`;
    writeFileSync(file("sh"), `${header}${settings.join("")}cd ${shellQuote(directory)} || exit 127\n${command}\n`);
    const lines = new Lines(`the output of \`${command}\` on ${this.#machine}`);
    const outputs = [new Output(file("out"), lines), new Output(file("err"), lines)];
    const ended = new Promise<Ended>((resolve, reject) => this.#running.set(id, { lines, outputs, resolve, reject }));
    // Whoever does not wait for the end is not to be ended by it.
    ended.catch(() => {});
    this.#port?.write(`run ${id}\n`);
    if (this.#closed !== undefined) this.abandon(this.#closed);
    return { lines, ended, signal: (name) => this.#port?.write(`signal ${id} ${name}\n`) };
  }

  /** @throws {FlashfleetError} `deadline`; the program is killed then */
  async run(options: ProgramOptions, within: Millis): Promise<Ended> {
    const program = this.start(options);
    try {
      return await inTime(program.ended, within, `run \`${options.command}\` on ${this.#machine}`);
    } catch (error) {
      program.signal("KILL");
      throw error;
    }
  }

  /** Ends the wait for every program that runs: the machine has stopped, or starts anew. */
  abandon(reason: string): void {
    this.#readyFrom = this.#protocol.count;
    const error = new FlashfleetError("interrupted", `cannot see the program's end: ${reason}`);
    for (const [id, { reject, lines, outputs }] of this.#running) {
      for (const output of outputs) output.close();
      lines.end(error);
      reject(error);
      this.#running.delete(id);
    }
  }

  close(reason: string): void {
    this.#closed = reason;
    this.abandon(reason);
    this.#watcher.close();
    this.#protocol.end();
    this.#port?.destroy();
  }

  async #listen(): Promise<void> {
    for await (const line of this.#protocol) {
      const [verb, id, code] = line.split(" ");
      if (verb === "exit") this.#end(Number(id), Number(code));
    }
  }

  #end(id: number, code: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    const [stdout = "", stderr = ""] = running.outputs.map((output) => output.close());
    running.lines.end();
    running.resolve({ code, stdout, stderr });
  }
}

/** A file that a program of a machine writes, read as it grows. */
class Output {
  readonly #path: string;
  readonly #lines: Lines;
  readonly #buffer = Buffer.alloc(65_536);
  #file: number | undefined;
  #unfinished = Buffer.alloc(0);

  constructor(path: string, lines: Lines) {
    this.#path = path;
    this.#lines = lines;
    this.#file = openSync(path, "r");
  }

  /** Gives on whole lines only: the program's other output comes between. */
  read(): void {
    if (this.#file === undefined) return;
    for (let length = 1; length > 0; ) {
      length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, null);
      const piece = Buffer.concat([this.#unfinished, this.#buffer.subarray(0, length)]);
      const end = piece.lastIndexOf("\n") + 1;
      if (end > 0) this.#lines.push(piece.subarray(0, end));
      this.#unfinished = piece.subarray(end);
    }
  }

  /** All of it. */
  close(): string {
    this.read();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.#unfinished.length > 0) this.#lines.push(Buffer.concat([this.#unfinished, Buffer.from("\n")]));
    return readFileSync(this.#path, "utf8");
  }
}

/** A word that a shell takes as it is. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
