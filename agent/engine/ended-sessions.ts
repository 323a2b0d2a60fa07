import type { Clock, Deadline } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { Session } from "../observe/observed.ts";
import { observeSessions, sessionsTo } from "../observe/sessions.ts";
import type { System } from "../system/system.ts";
import type { Step } from "./step.ts";

/** A kernel closes its end at once, whether or not the peer answers. */
const endMillis = 5000;
const endPause = 50;

/** What has to be over when the step is done. */
export async function sessionsToEnd({ ends }: Step, system: System): Promise<readonly Session[]> {
  if (ends === undefined) return [];
  const sessions = await observeSessions(system);
  return ends.flatMap((at) => sessionsTo(sessions, at));
}

/**
 * Resolves when none of these is established any more. Whoever connects meanwhile is another session: it was let in by the
 * lists of allowed hosts as they are now. Throws `not_converging` where one stays.
 */
export async function insistOnEnd(
  { says }: Step,
  before: readonly Session[],
  system: System,
  clock: Clock,
  deadline: Deadline,
): Promise<void> {
  const keys = new Set(before.map(keyOf));
  const end = Math.min(deadline, clock.now() + endMillis);
  for (;;) {
    if (keys.size === 0) return;
    const left = (await observeSessions(system)).filter((each) => keys.has(keyOf(each)));
    if (left.length === 0) return;
    if (clock.now() >= end) throw stillThere(says, left);
    await clock.sleep(endPause);
  }
}

const keyOf = ({ local, peer }: Session) => `${local.address} ${local.port} ${peer.address} ${peer.port}`;

function stillThere(says: string, left: readonly Session[]): FlashfleetError {
  const [first] = left;
  const peers = [...new Set(left.map(({ peer }) => peer.address))].sort();
  return new FlashfleetError(
    "not_converging",
    `cannot ${says}: ${left.length} of the TCP connections that were there before still are, from ${peers.join(", ")}`,
    {
      hint: `on the node, ss -K dst ${peers[0]} 'sport = :${first?.local.port}' ends those of one address; then run again`,
    },
  );
}
