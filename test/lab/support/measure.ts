import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../../controller/run/entry.ts";
import { Lines } from "../lines.ts";
import type { Machine } from "../machine.ts";
import type { ControllerProcess } from "./controller-process.ts";

const AGENT = fileURLToPath(new URL("../../../dist/flashfleet-agent.mjs", import.meta.url));
const FACTS = "Gathering Facts";

export interface TaskTime {
  name: string;
  /** From its announcement to that of the next one, by the controller's clock. */
  millis: number;
}

/** What each task of a run took, over all its hosts. */
export function taskTimes(events: readonly RunEvent[]): TaskTime[] {
  return events.flatMap((event, index) => {
    if (event.is !== "task") return [];
    const next = events.slice(index + 1).find(({ is }) => is === "task" || is === "play" || is === "finished");
    return [{ name: event.name, millis: (next?.at ?? event.at) - event.at }];
  });
}

/** Of all tasks but the gathering of facts, which nobody does by hand. */
export function withoutFacts(times: readonly TaskTime[]): number {
  return sum(times.filter(({ name }) => name !== FACTS));
}

export function sum(times: readonly TaskTime[]): number {
  return times.reduce((total, { millis }) => total + millis, 0);
}

/** Resident memory of the agent that runs in a machine. */
export async function agentMemory(machine: Machine): Promise<string> {
  return machine.output("grep -h VmRSS $(grep -l '^Name:.flashfleet-agen' /proc/[0-9]*/status) | tr -s ' \\t' ' '");
}

/** Resident memory of a process of this machine, as /proc has it. */
export async function memoryOf({ pid }: { pid?: number | undefined }): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return /^VmRSS:\s*(.*)$/m.exec(status)?.[1] ?? "unknown";
}

/** Resident memory of an agent on this machine, which it only looks at, when the controller has welcomed it. */
export async function agentMemoryHere({ url, tokenFile }: ControllerProcess): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "ff-agent-"));
  const args = ["--name", "here", "--nats", url.href, "--token-file", tokenFile, "--data", data];
  const agent = spawn(process.execPath, [AGENT, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    const lines = new Lines("the agent's output");
    agent.stderr.on("data", (piece: Buffer) => lines.push(piece));
    agent.once("close", () => lines.end());
    await lines.waitFor(/has welcomed this node/);
    return await memoryOf(agent);
  } finally {
    await end(agent);
    await rm(data, { recursive: true });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}
