import type { Step } from "../../engine/step.ts";
import type { ObservedPort, ObservedSubsystem, Session } from "../../observe/observed.ts";
import { sessionsTo } from "../../observe/sessions.ts";
import type { Op } from "../../system/system.ts";
import { linkPath, subsystemPath } from "../paths.ts";
import { tcpEndpoints } from "../sessions.ts";

/** What ends every session of a subsystem; hosts that are still allowed reconnect by themselves. */
export interface Ending {
  ops: readonly Op[];
  /** What shows that they ended: nobody else's sessions are there. */
  ends: NonNullable<Step["ends"]>;
  says: string;
}

/**
 * How the sessions of a subsystem on these of its ports end without touching anybody else's; undefined where it has none. nvmet can end neither the
 * sessions of one host nor tell whose a connection is (nvmet-abi 3 and 6).
 *
 * A port that exports nothing else is unlinked and linked again: its listener is closed for that moment, so that whoever
 * reconnects just then is refused by TCP and tries again. On a port with other subsystems that moment would answer "no such
 * subsystem", which newer hosts take for final: there a write of attr_qid_max ends the sessions, from 6.2 on, which is the
 * first kernel to have attr_firmware.
 */
export function endingOf(
  { nqn, attributes }: ObservedSubsystem,
  ports: readonly ObservedPort[],
  sessions: readonly Session[],
): Ending | undefined {
  if (!ports.some((port) => mayHaveSessions(port, sessions))) return undefined;
  const isShared = ({ links }: ObservedPort) => links.some((link) => link.nqn !== nqn);
  const shared = ports.filter(isShared);
  const own = ports.filter((port) => !isShared(port));
  const kicks = attributes.attr_qid_max !== undefined && attributes.attr_firmware !== undefined;
  const kick: Op = {
    op: "write",
    path: `${subsystemPath(nqn)}/attr_qid_max`,
    value: attributes.attr_qid_max ?? "",
  };
  const names = (some: readonly ObservedPort[]) => some.map(({ id }) => id).join(", ");
  return {
    ops: [
      ...(shared.length > 0 && kicks ? [kick] : []),
      ...(kicks ? own : ports).flatMap((port) => linkAgain(port, nqn)),
    ],
    ends: own.flatMap(tcpEndpoints),
    says: `end all sessions on port ${names(ports)}, where hosts that are still allowed reconnect${shared.length === 0 ? "" : `; other subsystems are on port ${names(shared)}, so that nobody can see there whose end`}`,
  };
}

/** Of another transport than TCP nothing can be seen. */
function mayHaveSessions(port: ObservedPort, sessions: readonly Session[]): boolean {
  const at = tcpEndpoints(port);
  return at.length === 0 || at.some((each) => sessionsTo(sessions, each).length > 0);
}

function linkAgain({ directory, links }: ObservedPort, nqn: string): Op[] {
  const link = links.find((each) => each.nqn === nqn)?.link ?? nqn;
  return [
    { op: "unlink", path: linkPath(directory, link) },
    { op: "symlink", path: linkPath(directory, link), to: subsystemPath(nqn) },
  ];
}
