import type { Clock, Deadline, Millis } from "../../shared/clock.ts";
import { hasErrno, type Op, type System, SystemError } from "../system/system.ts";

/** Ops whose errno hides the cause, which the kernel logs before it refuses them; and whose lines those are. */
const hidden: readonly { when: (op: Op) => boolean; errnos: readonly string[]; lines: RegExp }[] = [
  { when: ({ op }) => op === "connect", errnos: ["EIO", "EINVAL"], lines: /^nvme( nvme\d+|_fabrics|_tcp|_rdma): / },
  { when: (op) => op.op === "symlink" && op.path.includes("/ports/"), errnos: ["EINVAL"], lines: /^nvmet(_\w+)?: / },
  { when: (op) => op.op === "write" && op.path.endsWith("/enable"), errnos: ["EINVAL"], lines: /^nvmet(_\w+)?: / },
];

const most = 4;
/** No dmesg takes longer; a failed op is told without it then. */
const patience: Millis = 2000;
/** By so much an op may seem shorter than it was, and the log's clock may differ from the uptime. Milliseconds. */
const slack = { op: 1000, clock: 5000 } as const;
/** How far the log's clock drifts from the uptime, as a part of it: it counts processor ticks, which nobody corrects. */
const drift = 1e-4;

/**
 * What the kernel logged about an op that it has just refused, oldest first: no more than its last lines, and none where the
 * errno says enough, where dmesg is not to be had, or where the log's last word is older than the op. `began` is when.
 */
export async function kernelWords(
  { system, clock }: { system: System; clock: Clock },
  op: Op,
  error: unknown,
  began: Millis,
): Promise<string[]> {
  const rule = hidden.find(({ when, errnos }) => when(op) && hasErrno(error, ...errnos));
  if (rule === undefined) return [];
  const took = clock.now() - began;
  try {
    const [log, uptime] = [await dmesg(system, clock.now() + patience), await uptimeOf(system)];
    const lines = parseLog(log).filter(({ text }) => rule.lines.test(text) && !tellsSecrets(text));
    const last = lines.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    if (last < uptime - took - slack.clock - uptime * drift) return [];
    return lines
      .filter(({ at }) => at >= last - took - slack.op)
      .slice(-most)
      .map(({ text }) => text);
  } catch (failure) {
    if (failure instanceof SystemError) return [];
    throw failure;
  }
}

async function dmesg(system: System, deadline: Deadline): Promise<string> {
  let text = "";
  for await (const output of system.exec({ argv: ["dmesg"] }, deadline))
    if (output.is === "stdout") text += output.text;
  return text;
}

/** Milliseconds. */
async function uptimeOf(system: System): Promise<Millis> {
  const [seconds] = (await system.read("/proc/uptime")).split(" ");
  return Number(seconds) * 1000;
}

/** Lines of `[   12.345678] nvme nvme0: …`, some kernels name the caller after the time; `at` in milliseconds of uptime. */
function parseLog(log: string): { at: Millis; text: string }[] {
  return log.split("\n").flatMap((line) => {
    const [, seconds, text] = /^\[ *(\d+\.\d+)\](?:\[ *[TC]\d+\])? (.*)$/.exec(line) ?? [];
    return seconds === undefined || text === undefined ? [] : [{ at: Number(seconds) * 1000, text }];
  });
}

/** The kernel logs an option that it does not understand as it was given. */
function tellsSecrets(text: string): boolean {
  return /DHHC-1|secret/i.test(text);
}
