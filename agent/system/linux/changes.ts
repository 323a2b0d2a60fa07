import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Clock, Millis } from "../../../shared/clock.ts";
import type { Change } from "../system.ts";
import { Queue } from "./queue.ts";
import type { Environment } from "./tools.ts";
import { createUeventParser, parseIpMonitorLine } from "./uevents.ts";

const firstPause: Millis = 1_000;
const longestPause: Millis = 60_000;

/** A program that prints events for as long as it runs. */
export interface Monitor {
  argv: readonly [string, ...string[]];
  /** A new parser for each start. */
  parser(): (line: string) => Change | undefined;
}

/** Node cannot open netlink sockets: these can. */
export const monitors: readonly Monitor[] = [
  { argv: ["udevadm", "monitor", "--kernel", "--property"], parser: createUeventParser },
  { argv: ["ip", "-o", "monitor", "link", "address"], parser: () => parseIpMonitorLine },
];

/**
 * What the monitors print, until the signal is aborted. One that ends is started again, after a pause that grows, and then
 * gives an `unknown` change: something may have happened in between. One that does not exist gives nothing.
 */
export function watch(
  clock: Clock,
  environment: Environment,
  each: readonly Monitor[],
  signal: AbortSignal,
): AsyncIterable<Change> {
  const changes = new Queue<Change>();
  if (signal.aborted) changes.end();
  else signal.addEventListener("abort", () => changes.end(), { once: true });
  for (const monitor of each) void keepRunning(clock, environment, monitor, changes, signal);
  return changes;
}

async function keepRunning(
  clock: Clock,
  environment: Environment,
  monitor: Monitor,
  changes: Queue<Change>,
  signal: AbortSignal,
): Promise<void> {
  let pause = firstPause;
  while (!signal.aborted) {
    const began = clock.now();
    if ((await runOnce(environment, monitor, changes, signal)) === "missing") return;
    // One that ran well for a while is not the one that fails at every start.
    pause = clock.now() - began > longestPause ? firstPause : Math.min(longestPause, pause * 2);
    await clock.sleep(pause, signal).catch(() => undefined);
    if (!signal.aborted) changes.push({ subsystem: "unknown", action: "restart" });
  }
}

function runOnce(
  environment: Environment,
  { argv: [program, ...rest], parser }: Monitor,
  changes: Queue<Change>,
  signal: AbortSignal,
): Promise<"missing" | "ended"> {
  if (signal.aborted) return Promise.resolve("ended");
  return new Promise((resolve) => {
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "ignore"], env: { ...environment } });
    const parse = parser();
    createInterface({ input: child.stdout }).on("line", (line) => {
      const change = parse(line);
      if (change !== undefined) changes.push(change);
    });
    const stop = () => child.kill("SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
    const over = (how: "missing" | "ended") => {
      signal.removeEventListener("abort", stop);
      resolve(how);
    };
    child.on("error", (error) => over("code" in error && error.code === "ENOENT" ? "missing" : "ended"));
    child.on("close", () => over("ended"));
  });
}
