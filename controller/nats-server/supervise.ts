import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Clock, type Millis, systemClock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { Secret } from "../../shared/secret.ts";
import { mustBeLoopback, renderServerConfig } from "./configure.ts";
import type { NatsServerProgram } from "./find.ts";
import { claimServer, filesOf, releaseServer } from "./owner.ts";
import { choosePort, greetedName } from "./ports.ts";
import { refuseAnonymous } from "./preflight.ts";
import { readOrMakeToken } from "./token.ts";

export interface ServerOptions {
  program: NatsServerProgram;
  /** Everything that the server needs is kept below it: streams, token, configuration, log. */
  directory: string;
  /** Default 127.0.0.1; only loopback is taken. */
  host?: string | undefined;
  /** Taken where it is free; default: the port of the last start, then 4222. */
  port?: number | undefined;
  clock?: Clock | undefined;
  /** Told when the server died and comes again, and when it does not. */
  onTrouble: (error: FlashfleetError) => void;
}

/** How long a server may take until it greets. It reads its streams first. */
const patience: Millis = 30_000;
/** A server that was launched so lately is not the one that has failed. */
const fresh: Millis = 10_000;
const longestBackoff: Millis = 5_000;
const usualPort = 4222;

/**
 * Starts our own nats-server and looks after it. Throws `bus_bind`, `controller_running` where the directory's server
 * belongs to a controller that lives, `nats_server_failed`, `data_directory`.
 */
export async function startNatsServer(options: ServerOptions): Promise<NatsServer> {
  const { host = "127.0.0.1", port } = options;
  mustBeLoopback(host);
  const directory = resolve(options.directory);
  await makeDirectory(directory);
  const tried: number[] = [];
  const start = async (wanted: readonly number[]): Promise<NatsServer> => {
    await claimServer(directory);
    try {
      const chosen = await choosePort(host, wanted);
      tried.push(chosen);
      const server = new NatsServer({
        program: options.program.program,
        directory,
        host,
        port: chosen,
        token: await readOrMakeToken(filesOf(directory).token),
        clock: options.clock ?? systemClock,
        onTrouble: options.onTrouble,
      });
      await server.start();
      return server;
    } catch (error) {
      await releaseServer(directory);
      throw error;
    }
  };
  try {
    return await start(port === undefined ? await usualPorts(directory) : [port]);
  } catch (error) {
    // Somebody may have taken the port between our look and the server's start.
    const [chosen] = tried;
    if (chosen === undefined || (await choosePort(host, [chosen])) === chosen) throw error;
    return start([]);
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashfleetError("data_directory", `cannot make ${directory}: ${reason}`, { cause });
  }
}

/** The port of the last start, which agents know, then NATS's own. */
async function usualPorts(directory: string): Promise<number[]> {
  const last = Number(await readFile(filesOf(directory).port, "utf8").catch(() => ""));
  return Number.isInteger(last) && last > 0 ? [last, usualPort] : [usualPort];
}

interface Supervised {
  program: string;
  directory: string;
  host: string;
  port: number;
  token: Secret;
  clock: Clock;
  onTrouble: (error: FlashfleetError) => void;
}

/** A nats-server of ours, restarted on the same port when it dies, until it is closed. */
export class NatsServer {
  readonly url: string;
  readonly token: Secret;
  readonly #supervised: Supervised;
  readonly #closing = new AbortController();
  #child: ChildProcess | undefined;
  #launchedAt: Millis = 0;
  #watching: Promise<void> = Promise.resolve();

  constructor(supervised: Supervised) {
    const { host, port, token } = supervised;
    this.#supervised = supervised;
    this.token = token;
    this.url = `nats://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /** Process id of the server that runs at the moment. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the server greets and refuses strangers. */
  async start(): Promise<void> {
    try {
      await this.#launch();
      await refuseAnonymous(this.url);
      await writeFile(filesOf(this.#supervised.directory).port, `${this.#supervised.port}\n`);
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#watching = this.#watch();
  }

  /**
   * For a server that answers no more: one whose disk was full keeps nothing until it is started anew. Started again, as
   * after its death, as soon as it can be; a server that has just been started is given its time.
   */
  restart(reason: FlashfleetError): void {
    const { clock, onTrouble } = this.#supervised;
    const child = this.#child;
    if (this.#closing.signal.aborted || child === undefined || !isRunning(child)) return;
    if (clock.now() - this.#launchedAt < fresh) return;
    this.#launchedAt = clock.now();
    onTrouble(reason);
    void stop(child);
  }

  /** Ends the server and waits until it is gone. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await stop(this.#child);
    await releaseServer(this.#supervised.directory);
  }

  async #launch(): Promise<void> {
    const { program, directory, host, port, token } = this.#supervised;
    const name = `flashfleet-${crypto.randomUUID()}`;
    const { config, log, pid, store } = filesOf(directory);
    const settings = { host, port, name, storeDirectory: store, token, pidFile: pid, logFile: log };
    const text = renderServerConfig(settings);
    await rm(config, { force: true });
    await writeFile(config, text, { mode: 0o600 });
    // In a process group of its own: Ctrl-C at the terminal is for the controller, which ends the server when it is done.
    const child = spawn(program, ["-c", config], { stdio: "ignore", detached: true });
    this.#child = child;
    this.#launchedAt = this.#supervised.clock.now();
    // A program that cannot be started has no process id and is not running; its error has been heard.
    child.on("error", () => undefined);
    if (await this.#greets(name, child)) return;
    await stop(child);
    const reason = await lastLogLine(log);
    throw new FlashfleetError("nats_server_failed", `cannot start nats-server on ${this.url}: ${reason}`, {
      hint: `see ${log}`,
    });
  }

  /** Whether the server with this name greets before it exits, is closed or takes too long. */
  async #greets(name: string, child: ChildProcess): Promise<boolean> {
    const { host, port, clock } = this.#supervised;
    const given = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(patience)]);
    while (isRunning(child) && !given.aborted) {
      if ((await greetedName(host, port, 1000)) === name) return true;
      await clock.sleep(20);
    }
    return false;
  }

  async #watch(): Promise<void> {
    const { clock, onTrouble } = this.#supervised;
    const { signal } = this.#closing;
    let backoff: Millis = 100;
    while (!signal.aborted) {
      const child = this.#child;
      const began = clock.now();
      if (child !== undefined && isRunning(child)) await once(child, "exit", { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (clock.now() - began > longestBackoff) backoff = 100;
      onTrouble(new FlashfleetError("nats_server_failed", `nats-server on ${this.url} has died: starting it again`));
      await clock.sleep(backoff, signal).catch(() => undefined);
      backoff = Math.min(backoff * 2, longestBackoff);
      if (!signal.aborted) await this.#launch().catch(onTrouble);
    }
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || !isRunning(child)) return;
  const exited = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  child.kill("SIGTERM");
  await exited;
  clearTimeout(timer);
}

async function lastLogLine(path: string): Promise<string> {
  const lines = (await readFile(path, "utf8").catch(() => "")).trim().split("\n");
  const last = lines.findLast((line) => line.includes("[FTL]")) ?? lines.at(-1) ?? "";
  return last.replace(/^.*\[FTL\]\s*/, "") || "it wrote no log";
}
