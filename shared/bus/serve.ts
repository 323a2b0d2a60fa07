import { FlashfleetError, toErrorData } from "../errors.ts";
import type { Json } from "../protocol/json.ts";
import type { Order } from "../protocol/order.ts";
import type { Done, Reply } from "../protocol/reply.ts";
import type { Serve } from "./bus.ts";

/** Where replies of one order go. `limit`: bytes that the server takes in one message. */
export interface ReplyTo {
  limit: number;
  publish: (text: string) => void;
}

/**
 * Sends every reply to an order; whatever goes wrong on the way becomes a `done`, so that nobody waits for nothing. That it is
 * accepted is left out where it is done before the event loop has come round.
 */
export async function serveOrder(answer: Serve, order: Order, wire: Json, to: ReplyTo): Promise<void> {
  let held: (() => void) | undefined;
  try {
    for await (const reply of answer(order, wire)) {
      if (reply.is === "accepted") {
        const accept = () => {
          held = undefined;
          send(reply, to);
        };
        held = accept;
        setImmediate(() => held?.());
        continue;
      }
      if (reply.is === "progress") held?.();
      held = undefined;
      send(reply, to);
    }
  } catch (error) {
    held = undefined;
    send(failed(order, error), to);
  }
}

function send(reply: Reply, { limit, publish }: ReplyTo): void {
  const text = JSON.stringify(reply);
  const bytes = Buffer.byteLength(text);
  if (bytes > limit) {
    const what = `call ${reply.id}: ${bytes} bytes are more than the bus takes (${limit})`;
    throw new FlashfleetError("bad_message", `cannot answer ${what}`);
  }
  publish(text);
}

/** For errors that the answering side did not make a reply of: it does not say where the spec is, 0 stands for that. */
function failed({ id }: Order, error: unknown): Done {
  return { v: 1, id, is: "done", outcome: "failed", generation: 0, steps: [], result: null, error: toErrorData(error) };
}
