import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextMove, type Waiting } from "../../../../shared/bus/patience.ts";

const patience = { resendAfter: 1000, unreachableAfter: 5000 };
/** Sent at 0, nothing heard, a minute to go. */
const base: Waiting = { deadline: 60_000, connected: true, heardAt: 0, sentAt: 0, turnedAway: 0 };

describe("what a conversation does next", () => {
  const cases: [string, Partial<Waiting>, number, ReturnType<typeof nextMove>][] = [
    ["sends what was not sent yet", { sentAt: undefined }, 0, { do: "send" }],
    ["waits for an answer", {}, 400, { do: "wait", until: 1000 }],
    ["sends again after silence", {}, 1000, { do: "send" }],
    ["counts silence from the last answer", { heardAt: 700 }, 1000, { do: "wait", until: 1700 }],
    ["tries soon where nobody listens", { turnedAway: 1 }, 10, { do: "wait", until: 50 }],
    ["tries less often where still nobody listens", { turnedAway: 4 }, 10, { do: "wait", until: 400 }],
    ["never tries less often than after silence", { turnedAway: 40 }, 10, { do: "wait", until: 1000 }],
    ["gives up a node that stays silent", { sentAt: 4900 }, 5000, { do: "give up", because: "unreachable" }],
    ["looks again when a node becomes unreachable", { sentAt: 4900 }, 4950, { do: "wait", until: 5000 }],
    ["does not blame the node while the bus is away", { connected: false }, 50_000, { do: "wait", until: 60_000 }],
    ["sends first after the bus is back", { sentAt: undefined, heardAt: 50_000 }, 50_000, { do: "send" }],
    ["ends at the deadline", { heardAt: 59_999 }, 60_000, { do: "give up", because: "deadline" }],
    ["ends at the deadline without a bus, too", { connected: false }, 60_000, { do: "give up", because: "deadline" }],
  ];
  test.each(cases)("it %s", (_, waiting, now, move) => {
    expect(nextMove({ ...base, ...waiting }, patience, now)).toEqual(move);
  });

  test("a wait always ends in the future and not after the deadline", () => {
    const time = fc.integer({ min: 0, max: 100_000 });
    const waiting = fc.record({
      deadline: time,
      connected: fc.boolean(),
      heardAt: time,
      sentAt: fc.option(time, { nil: undefined }),
      turnedAway: fc.nat(2000),
    });
    fc.assert(
      fc.property(waiting, time, (some, now) => {
        const move = nextMove(some, patience, now);
        return move.do !== "wait" || (move.until > now && move.until <= some.deadline);
      }),
    );
  });
});
