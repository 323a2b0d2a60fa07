import { type Clock, type Deadline, left } from "../../../shared/clock.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import type { Ran } from "../programs/run.ts";

/** Milliseconds between two tries. */
const pause = 1000;

/** Words of apt-get and dpkg, of apt before 1.9.11, and of dnf; the groups are process and program. */
const held = [
  /Could not get lock \S+ It is held by process (?<pid>\d+) \((?<program>[^)]*)\)/,
  /Could not get lock \S+ - open \(11/,
  /lock (?:was locked|is locked) by another process(?: with pid (?<pid>\d+))?/,
  /already locked by (?<pid>\d+)(?:\s+The application with PID \d+ is: (?<program>\S+))?/,
];

/** Who else is at the packages, in what a package manager printed; undefined where nobody is. */
export function lockHolder(text: string): string | undefined {
  const match = held.map((words) => words.exec(text)).find((each) => each !== null);
  if (match === undefined || match === null) return undefined;
  const { pid, program } = match.groups ?? {};
  if (pid === undefined) return "another package manager";
  return `process ${pid}${program === undefined ? "" : ` (${program})`}`;
}

/** Runs again while somebody else holds the lock, for so many seconds and never beyond the deadline. Throws `deadline`, which names who. */
export async function unlocked(
  run: () => Promise<Ran>,
  { clock, deadline, seconds }: { clock: Clock; deadline: Deadline; seconds: number },
): Promise<Ran> {
  const until = Math.min(deadline, clock.now() + seconds * 1000);
  for (;;) {
    const ran = await run();
    const holder = ran.code === 0 ? undefined : lockHolder(ran.stderr + ran.stdout);
    if (holder === undefined) return ran;
    if (left(clock, until) <= pause) {
      throw new FlashfleetError(
        "deadline",
        `cannot change packages: ${holder} is at it, and did not end in ${seconds} s`,
        {
          hint: "wait for it, or give lock_timeout more seconds",
        },
      );
    }
    await clock.sleep(pause);
  }
}
