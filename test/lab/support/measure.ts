import { readFile } from "node:fs/promises";
import type { RunEvent } from "../../../controller/run/entry.ts";
import type { Machine } from "../machine.ts";

/** From the first task to the end, without the gathering of facts: milliseconds, by the controller's clock. */
export function taskMillis(events: readonly RunEvent[]): number {
  let total = 0;
  for (const [index, event] of events.entries()) {
    if (event.is !== "task" || event.module === "gather_facts") continue;
    const next = events.slice(index + 1).find(({ is }) => is === "task" || is === "play" || is === "finished");
    total += (next?.at ?? event.at) - event.at;
  }
  return total;
}

/** Every task with what it took, for people. */
export function taskTimes(events: readonly RunEvent[]): string {
  return events
    .flatMap((event, index) => {
      if (event.is !== "task") return [];
      const next = events.slice(index + 1).find(({ is }) => is === "task" || is === "play" || is === "finished");
      return [`  ${((next?.at ?? event.at) - event.at).toFixed(0).padStart(6)} ms  ${event.name}`];
    })
    .join("\n");
}

/** Resident memory of the agent that runs in a machine. */
export async function agentMemory(machine: Machine): Promise<string> {
  return machine.output("grep -h VmRSS $(grep -l '^Name:.flashfleet-agen' /proc/[0-9]*/status) | tr -s ' \\t' ' '");
}

/** Resident memory of a process of this machine, as /proc has it; undefined where it cannot be read. */
export async function memoryOf(pid: number | undefined): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return /^VmRSS:\s*(.*)$/m.exec(status)?.[1];
}
