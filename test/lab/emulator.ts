import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Millis } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { inTime, Lines } from "./lines.ts";
import { type QemuOptions, qemuArguments } from "./qemu.ts";
import { Qmp } from "./qmp.ts";
import { findProgram } from "./requirements.ts";

const START_WITHIN: Millis = 30_000;
const QUIT_WITHIN: Millis = 3_000;

/** A running qemu. */
export class Emulator {
  readonly console: Lines;
  readonly qmp: Qmp;
  readonly commands: Socket;
  /** Resolves when the process has ended, with how: "it ended with code 0". */
  readonly exited: Promise<string>;
  readonly #process: ChildProcess;

  private constructor(parts: {
    process: ChildProcess;
    console: Lines;
    qmp: Qmp;
    commands: Socket;
    exited: Promise<string>;
  }) {
    this.#process = parts.process;
    this.console = parts.console;
    this.qmp = parts.qmp;
    this.commands = parts.commands;
    this.exited = parts.exited;
  }

  /**
   * Starts qemu; resolves when its own sockets listen. Should this process be killed, the kernel kills qemu.
   * @param directory for its sockets and the file console.log
   * @throws {FlashfleetError} `command_failed` with what qemu said
   */
  static async start(directory: string, options: Omit<QemuOptions, "qmp" | "commands">): Promise<Emulator> {
    const { name } = options;
    const qmp = await listenOnce(join(directory, "qmp"));
    const commands = await listenOnce(join(directory, "commands"));
    const command = [
      findProgram("qemu-system-x86_64"),
      ...qemuArguments({ ...options, qmp: qmp.path, commands: commands.path }),
    ];
    const child = spawn(findProgram("setpriv"), ["--pdeathsig", "KILL", ...command], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const console = new Lines(`the console of ${name}`);
    const log = createWriteStream(join(directory, "console.log"));
    let said = "";
    child.stdout.on("data", (piece: Buffer) => {
      console.push(piece);
      log.write(piece);
    });
    child.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
      log.write(piece);
    });
    const exited = new Promise<string>((resolve) => {
      child.on("error", (error) => resolve(`it did not start: ${error.message}`));
      child.on("close", (code, signal) =>
        resolve(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
      );
    });
    const ended = exited.then((how) => {
      log.end();
      qmp.close();
      commands.close();
      const error = new FlashfleetError("command_failed", `cannot run the emulator of ${name}: ${how}. ${said.trim()}`);
      console.end(error);
      throw error;
    });
    ended.catch(() => {});
    try {
      const started = Promise.all([qmp.socket.then(negotiated), commands.socket]);
      const [client, port] = await inTime(
        Promise.race([started, ended]),
        START_WITHIN,
        `start the emulator of ${name}`,
      );
      return new Emulator({ process: child, console, qmp: client, commands: port, exited });
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Ends the process: asked to first, so that the drives' images are written, then killed. */
  async stop(): Promise<void> {
    const killer = setTimeout(() => this.kill(), QUIT_WITHIN);
    this.qmp.execute("quit").catch(() => this.kill());
    await this.exited;
    clearTimeout(killer);
  }

  /** As if the power failed. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

async function negotiated(socket: Socket): Promise<Qmp> {
  const qmp = new Qmp(socket);
  await qmp.negotiate();
  return qmp;
}

/** Listens on a unix socket for one connection. */
async function listenOnce(path: string): Promise<{ path: string; socket: Promise<Socket>; close: () => void }> {
  const server: Server = createServer();
  const socket = new Promise<Socket>((resolve) => {
    server.once("connection", (connection) => {
      server.close();
      resolve(connection);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return { path, socket, close: () => server.close() };
}
