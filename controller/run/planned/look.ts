import { type Clock, deadlineIn } from "../../../shared/clock.ts";
import { CallId, type NodeId } from "../../../shared/protocol/ids.ts";
import { Report } from "../../../shared/protocol/report.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { stateOf } from "./node-state.ts";
import type { NodeState } from "./planned.ts";

export interface Means {
  fleet: Fleet;
  clock: Clock;
  signal: AbortSignal;
}

/** Nodes that are looked at at once. */
export const looksAtOnce = 500;
/** Milliseconds for a node to say what it is. */
const answerMillis = 10_000;

/** A node as it is now, rather than as it last reported; undefined where it does not answer. Rejects with the signal's reason. */
export async function lookAt({ fleet, clock, signal }: Means, to: NodeId): Promise<NodeState | undefined> {
  const id = CallId.parse(`state_${to}_${crypto.randomUUID()}`);
  try {
    const { result } = await fleet.call({
      to,
      id,
      body: { do: "observe" },
      deadline: deadlineIn(clock, answerMillis),
      signal,
    });
    const report = Report.safeParse(result);
    return report.success ? stateOf(report.data) : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
