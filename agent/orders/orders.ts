import type { Clock } from "../../shared/clock.ts";
import { type ErrorData, FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { orderDigest } from "../../shared/identity/digest.ts";
import { sealReply } from "../../shared/identity/sealed-reply.ts";
import { isAuthentic, type Session } from "../../shared/identity/session.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Order } from "../../shared/protocol/order.ts";
import type { Done, Reply } from "../../shared/protocol/reply.ts";
import type { Journal } from "./journal.ts";
import type { Replies } from "./replies.ts";

/** What an order came to, without the envelope. */
export type Answer = Pick<Done, "outcome" | "result"> &
  Partial<Pick<Done, "steps" | "error" | "generation" | "listeners" | "connections" | "addresses">>;

/** Carries out the body of an order. `progress` is for people. */
export interface Dispatch {
  /** Whether an order that was cut off half way may simply be done again. */
  repeatable(order: Order): boolean;
  /** What an order came to that a boot of the machine cut off; undefined where that says nothing. */
  rebooted(order: Order): Answer | undefined;
  run(order: Order, job: Job): Promise<Answer>;
}

/** What an order's work is given. */
export interface Job {
  progress: Progress;
  session: Session;
  /** To be awaited before the first thing that changes the node: from then on the order is remembered on disk. */
  effect(): Promise<void>;
}

export type Progress = (text: string, stream?: "stdout" | "stderr") => void;

interface Desk {
  node: NodeId;
  clock: Clock;
  journal: Journal;
  dispatch: Dispatch;
  session(): Session | undefined;
  /** Told of an order of another session: the controller may have begun anew, and lacks this node until it says hello. */
  onStranger(): void;
  generation(): number;
}

/**
 * Answers orders: only those that are for this node, in this session, and unaltered; a known id from the journal, whatever
 * became of it; another body under a known id not at all.
 */
export function answerOrders(desk: Desk): (order: Order, wire: Json) => AsyncIterable<Reply> {
  return async function* answer(order, wire) {
    const session = desk.session();
    const refused = (error: ErrorData): Reply => done(order, desk, { outcome: "refused", result: {}, error });
    if (order.to !== desk.node) {
      yield refused({
        code: "bad_message",
        message: `cannot take order ${order.id}: it is for ${order.to}, and this is ${desk.node}`,
      });
      return;
    }
    if (session === undefined || !isAuthentic(session, wire)) {
      desk.onStranger();
      yield refused({
        code: "stale_order",
        message: `cannot take order ${order.id}: it was not made in this node's session`,
        hint: "the controller sends it again once the node has said hello",
      });
      return;
    }
    const digest = orderDigest(order);
    const known = desk.journal.find(order.id);
    const other = known?.digest ?? desk.journal.cutOff(order.id) ?? digest;
    if (other !== digest) {
      yield refused({
        code: "call_reused",
        message: `cannot take order ${order.id}: another order had that id`,
        hint: "this is a defect of the controller, or somebody tampered with it",
      });
      return;
    }
    const replies = known?.replies ?? begin(desk, order, digest, session);
    if (order.body.do !== "sealed_action") return yield* replies.read();
    // In the session of whoever asks now: an earlier one may be over.
    for await (const reply of replies.read()) yield sealReply(session, reply);
  };
}

function begin(desk: Desk, order: Order, digest: string, session: Session): Replies {
  const wasCutOff = desk.journal.cutOff(order.id) !== undefined;
  const replies = desk.journal.begin(order.id, digest);
  replies.add({ v: 1, id: order.id, is: "accepted" });
  let seq = 0;
  let journaled: Promise<void> | undefined;
  const job: Job = {
    session,
    progress: (text, stream) => {
      seq++;
      replies.add({ v: 1, id: order.id, is: "progress", seq, text, ...(stream === undefined ? {} : { stream }) });
    },
    effect: () => {
      journaled ??= desk.journal.effect(order.id, digest);
      return journaled;
    },
  };
  const work = async () => {
    const answer = wasCutOff ? await takenUp(desk, order, job) : await attempt(desk, order, job);
    const reply = done(order, desk, answer);
    try {
      const kept = order.body.do === "sealed_action" ? withheld(reply) : reply;
      if (wasCutOff || journaled !== undefined) await desk.journal.finish(order.id, digest, kept);
      replies.add(reply);
    } catch (error) {
      // Done, but not remembered: after a restart it would be done again, so it is not called done.
      replies.add(done(order, desk, { outcome: "failed", result: {}, error: toErrorData(error) }));
    }
  };
  // Goes on when nobody listens any more: the journal has the answer for whoever asks again.
  void work();
  return replies;
}

/** An order that an earlier life of this agent began. */
async function takenUp(desk: Desk, order: Order, job: Job): Promise<Answer> {
  const rebooted = desk.journal.isFromEarlierBoot(order.id) ? desk.dispatch.rebooted(order) : undefined;
  if (rebooted !== undefined) return rebooted;
  return desk.dispatch.repeatable(order) ? attempt(desk, order, job) : interrupted(order);
}

async function attempt(desk: Desk, order: Order, job: Job): Promise<Answer> {
  try {
    return await desk.dispatch.run(order, job);
  } catch (error) {
    return brokenOff(error);
  }
}

/** The answer of an order that ended with an error. */
export function brokenOff(error: unknown): Answer {
  const data = toErrorData(error);
  return { outcome: data.code === "call_refused" ? "refused" : "failed", result: {}, error: data };
}

function interrupted(order: Order): Answer {
  const error = new FlashfleetError(
    "interrupted",
    `the agent was stopped while it did ${describe(order)}, and it is not done twice by itself`,
    {
      hint: "look at the node what of it took effect, then run the task again",
    },
  );
  return { outcome: "interrupted", result: {}, error: toErrorData(error) };
}

function describe({ body, id }: Order): string {
  return body.do === "action" || body.do === "sealed_action" ? `${body.action} (${id})` : id;
}

/** What of the answer to a sealed order may lie on the disk: what became of it, without a word that was said. */
function withheld({ error, ...reply }: Done): Done {
  const msg = "what it said is not kept over a restart of the agent: the run has secrets";
  return {
    ...reply,
    steps: [],
    result: { msg },
    ...(error === undefined ? {} : { error: { code: error.code, message: msg } }),
  };
}

function done(order: Order, desk: Desk, answer: Answer): Done {
  return { v: 1, id: order.id, is: "done", generation: desk.generation(), steps: [], ...answer };
}
