import * as z from "zod";
import { ErrorData } from "../errors.ts";
import type { CallId } from "../protocol/ids.ts";
import { Json } from "../protocol/json.ts";
import { type Reply, StepView } from "../protocol/reply.ts";
import { seal, unseal } from "./seal.ts";
import type { Session } from "./session.ts";

const Said = z.object({ text: z.string() });
const Ended = z.object({ steps: z.array(StepView), result: Json, error: ErrorData.optional() });

const contextOf = (id: CallId): string => `the answer to call ${id}`;

/** A reply whose words only the other side of the session can read: what became of the order stays in the clear. */
export function sealReply(session: Session, reply: Reply): Reply {
  const { id } = reply;
  const box = (said: unknown) => seal(session.sealKey, contextOf(id), JSON.stringify(said));
  if (reply.is === "progress") return { ...reply, text: "", sealed: box({ text: reply.text }) };
  if (reply.is !== "done") return reply;
  const { steps, result, error, ...rest } = reply;
  return { ...rest, steps: [], result: null, sealed: box({ steps, result, error }) };
}

/** The reply as it was; one that is not sealed passes. Throws `key_missing` where none of these sessions opens it. */
export function openReply(sessions: readonly Session[], reply: Reply): Reply {
  if (reply.is === "accepted" || reply.sealed === undefined) return reply;
  const { sealed, ...rest } = reply;
  const said: unknown = JSON.parse(firstOf(sessions, ({ sealKey }) => unseal(sealKey, contextOf(reply.id), sealed)));
  return rest.is === "progress" ? { ...rest, ...Said.parse(said) } : { ...rest, ...Ended.parse(said) };
}

/** A node may have said hello anew between the order and the answer: which session sealed it shows by trying. */
function firstOf(sessions: readonly Session[], open: (session: Session) => string): string {
  const [session, ...others] = sessions;
  if (session === undefined) throw new Error("a sealed reply belongs to a session");
  try {
    return open(session);
  } catch (error) {
    if (others.length === 0) throw error;
    return firstOf(others, open);
  }
}
