import { describe, expect, test } from "vitest";
import { connectPatiently } from "../../../agent/connect.ts";
import { FlashfleetError } from "../../../shared/errors.ts";

const refusal = () => new FlashfleetError("bus_auth", "it refuses these credentials");

/** A server that gives these answers, the last one for ever. */
function server(...answers: ("refused" | "gone" | "connected")[]) {
  let calls = 0;
  const refused: string[] = [];
  const paused: number[] = [];
  const connect = async () => {
    const answer = answers[Math.min(calls++, answers.length - 1)];
    if (answer === "refused") throw refusal();
    if (answer === "gone") throw new FlashfleetError("bus_lost", "it is not there");
    return "connected";
  };
  const patience = (hasWork: boolean) => ({
    hasWork: () => hasWork,
    clock: { wall: () => 0, now: () => 0, sleep: async (millis: number) => void paused.push(millis) },
    random: () => 0.5,
    onRefused: ({ code }: FlashfleetError) => void refused.push(code),
    signal: new AbortController().signal,
  });
  return { connect, patience, refused, paused };
}

describe("the first connection to the bus", () => {
  test("that is refused is told to whoever sets up a new node, at once", async () => {
    const { connect, patience, refused } = server("refused");
    await expect(connectPatiently(connect, patience(false))).rejects.toMatchObject({ code: "bus_auth" });
    expect(refused).toEqual([]);
  });

  test("that is refused to a node with exports is tried again, with pauses, until it succeeds", async () => {
    const { connect, patience, refused, paused } = server("refused", "refused", "connected");
    expect(await connectPatiently(connect, patience(true))).toBe("connected");
    expect(refused).toEqual(["bus_auth", "bus_auth"]);
    expect(paused).toEqual([7500, 7500]);
  });

  test("that fails for another reason is thrown: connecting itself waits where that may help", async () => {
    const { connect, patience } = server("gone");
    await expect(connectPatiently(connect, patience(true))).rejects.toMatchObject({ code: "bus_lost" });
  });
});
