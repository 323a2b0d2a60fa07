import fc from "fast-check";
import { expect, test } from "vitest";
import { connectError, reconnectDelay } from "../../../../shared/bus/connection.ts";

test("pauses between attempts grow, differ, and never exceed two seconds", () => {
  expect([0, 1, 2, 3, 50].map((attempt) => reconnectDelay(attempt, () => 1))).toEqual([250, 500, 1000, 2000, 2000]);
  expect([0, 3].map((attempt) => reconnectDelay(attempt, () => 0))).toEqual([125, 1000]);
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const delay = reconnectDelay(attempt, () => random);
      return delay > 0 && delay <= 2000;
    }),
  );
});

test("an error about a server does not show the credentials of its address", () => {
  const error = connectError("nats://token@a:1,nats://user:password@b:2", new Error("connection refused"));
  expect(error.message).toBe("cannot connect to nats-server at nats://a:1,nats://b:2: connection refused");
});
