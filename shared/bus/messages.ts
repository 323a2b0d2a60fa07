import type { Msg } from "@nats-io/transport-node";
import { FlashfleetError } from "../errors.ts";
import { type Answer, answers, type Question, questions } from "../protocol/ask.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { Json } from "../protocol/json.ts";
import { type AskKind, isInboxOf, nodeOf, type Principal } from "../protocol/subjects.ts";
import { check } from "./codec.ts";

/** The node that sent a message: by its subject, below which the server lets no other node publish. */
export function senderOf({ subject }: Msg): NodeId {
  const node = nodeOf(subject);
  if (node === undefined)
    throw new FlashfleetError("bad_message", `cannot take a message on ${subject}: it names no node`);
  return node;
}

/** Where the answer goes: into the asker's own inbox, or nowhere. */
export function replyOf({ subject, reply }: Msg, asker: Principal): string {
  if (isInboxOf(asker, reply)) return reply;
  const who = asker.is === "node" ? asker.node : "the controller";
  throw new FlashfleetError(
    "bad_message",
    `cannot answer on ${reply || "no subject"} what came on ${subject}: it is no inbox of ${who}`,
  );
}

export function mustSpeakFor(sender: NodeId, named: NodeId): void {
  if (sender === named) return;
  throw new FlashfleetError("bad_message", `cannot take a message of ${sender}: it speaks for ${named}`);
}

export function readQuestion<K extends AskKind>(kind: K, wire: Json, sender: NodeId): Question<K> {
  const question = check(questions[kind], wire, `${kind} of ${sender}`);
  mustSpeakFor(sender, question.node);
  return question;
}

export function readAnswer<K extends AskKind>(kind: K, wire: unknown): Answer<K> {
  return check(answers[kind], wire, `the answer to ${kind}`);
}

/** What was thrown, as ours: what is not known is a message that could not be handled. */
export function asFlashfleetError(cause: unknown): FlashfleetError {
  if (cause instanceof FlashfleetError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FlashfleetError("internal", `cannot handle a message: ${reason}`, { cause });
}
