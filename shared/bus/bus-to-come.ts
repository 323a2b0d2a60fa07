import { type Clock, type Deadline, left } from "../clock.ts";
import { FlashfleetError } from "../errors.ts";
import type { Answer, Question } from "../protocol/ask.ts";
import type { AskKind } from "../protocol/subjects.ts";
import type { Bus } from "./bus.ts";

/**
 * A bus whose first connection is still being made, so that whatever needs no bus can begin. What is to be heard is heard
 * from the moment it is there; what is asked waits for it until its deadline; what may be lost is lost. A connection that
 * fails for good is for whoever makes it: here it stays away.
 */
export function busToCome(connecting: Promise<Bus>, clock: Clock): Bus {
  let there: Bus | undefined;
  const come = connecting.then(
    (bus) => {
      there = bus;
      return bus;
    },
    () => undefined,
  );
  const later = (begin: (bus: Bus) => Disposable): Disposable => {
    if (there !== undefined) return begin(there);
    let disposed = false;
    let begun: Disposable | undefined;
    void come.then((bus) => {
      if (bus !== undefined && !disposed) begun = begin(bus);
    });
    return {
      [Symbol.dispose]: () => {
        disposed = true;
        begun?.[Symbol.dispose]();
      },
    };
  };
  const until = async (deadline: Deadline, doing: string): Promise<Bus> => {
    if (there !== undefined) return there;
    const over = new AbortController();
    const bus = await Promise.race([come, clock.sleep(left(clock, deadline), over.signal).catch(() => undefined)]);
    over.abort();
    if (bus !== undefined) return bus;
    throw new FlashfleetError("controller_unreachable", `cannot ${doing}: nats-server has not been reached yet`, {
      hint: "check that nats-server runs and can be reached from here",
    });
  };
  return {
    call: async function* (order, deadline, signal) {
      yield* (await until(deadline, `call ${order.to}`)).call(order, deadline, signal);
    },
    ask: async <K extends AskKind>(kind: K, question: Question<K>, deadline: Deadline): Promise<Answer<K>> =>
      (await until(deadline, `tell the controller the ${kind} of ${question.node}`)).ask(kind, question, deadline),
    serve: (node, answer) => later((bus) => bus.serve(node, answer)),
    answer: (kind, handler) => later((bus) => bus.answer(kind, handler)),
    publish: (heartbeat) => there?.publish(heartbeat),
    onHeartbeat: (handler) => later((bus) => bus.onHeartbeat(handler)),
    onStatus: (handler) => {
      if (there === undefined) handler({ is: "disconnected" });
      return later((bus) => bus.onStatus(handler));
    },
    close: async () => there?.close(),
  };
}
