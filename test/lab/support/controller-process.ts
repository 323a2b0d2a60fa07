import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { RunEvent } from "../../../controller/run/entry.ts";
import type { Millis } from "../../../shared/clock.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import { inTime, Lines } from "../lines.ts";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../../dist/flashfleet.mjs", import.meta.url));
const COMMAND_WITHIN: Millis = 180_000;
const READY_WITHIN: Millis = 60_000;
const ADDRESS = /bus at (nats:\/\/\S+)/;
const TOKEN_FILE = / --token-file (\S+)/;

/** What a command left. */
export interface Shown {
  code: number;
  stdout: string;
  stderr: string;
}

/** A controller with a nats-server of its own: the bundled program, as a process, outside of all machines. */
export class ControllerProcess implements AsyncDisposable {
  /** Its data directory. */
  readonly data: string;
  /** Where agents of this machine find nats-server. */
  readonly url: URL;
  readonly tokenFile: string;
  /** All that it has printed. */
  readonly lines: Lines;
  /** All that the commands have printed, one after the other. */
  readonly shown: string[] = [];
  readonly #child: ChildProcess;

  private constructor(parts: { data: string; url: URL; tokenFile: string; lines: Lines; child: ChildProcess }) {
    this.data = parts.data;
    this.url = parts.url;
    this.tokenFile = parts.tokenFile;
    this.lines = parts.lines;
    this.#child = parts.child;
  }

  /** @throws {FlashfleetError} with what it printed, where it does not come up */
  static async start(data: string): Promise<ControllerProcess> {
    const lines = new Lines("the controller's output");
    const child = spawn(process.execPath, [PROGRAM, "controller", "--data", data], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const output of [child.stdout, child.stderr]) output.on("data", (piece: Buffer) => lines.push(piece));
    child.once("close", () => lines.end());
    try {
      const [, url = ""] = await lines.waitFor(ADDRESS, { within: READY_WITHIN });
      const [, tokenFile = ""] = await lines.waitFor(TOKEN_FILE, { within: READY_WITHIN });
      return new ControllerProcess({ data, url: new URL(url), tokenFile, lines, child });
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Runs a command of the bundled program in the project's folder, whatever its exit code. */
  async command(...args: string[]): Promise<Shown> {
    const shown = await new Promise<Shown>((resolve, reject) => {
      const options = {
        cwd: PROJECT,
        timeout: COMMAND_WITHIN,
        maxBuffer: 64 * 2 ** 20,
        env: { ...process.env, FLASHFLEET_DATA: this.data, NO_COLOR: "1" },
      };
      execFile(process.execPath, [PROGRAM, ...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === "number") resolve({ code, stdout, stderr });
        else
          reject(new FlashfleetError("command_failed", `cannot finish flashfleet ${args.join(" ")}`, { cause: error }));
      });
    });
    this.shown.push(shown.stdout, shown.stderr);
    return shown;
  }

  /** The standard output of a command that exits with 0. @throws {FlashfleetError} with both outputs otherwise */
  async output(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.command(...args);
    if (code === 0) return stdout;
    const seen = `it ended with code ${code}\n${stdout}${stderr}`;
    throw new FlashfleetError("command_failed", `cannot run flashfleet ${args.join(" ")}: ${seen}`);
  }

  /** Everything that happens in a run, and its exit code. */
  async run(...args: string[]): Promise<{ code: number; events: RunEvent[] }> {
    const { code, stdout, stderr } = await this.command("run", ...args, "-o", "json");
    const lines = stdout.trim().split("\n");
    if (stdout.trim() === "") throw new FlashfleetError("command_failed", `cannot run ${args.join(" ")}: ${stderr}`);
    return { code, events: z.array(RunEvent).parse(lines.map((line): unknown => JSON.parse(line))) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await inTime(gone, 20_000, "stop the controller").catch(() => this.#child.kill("SIGKILL"));
  }
}
