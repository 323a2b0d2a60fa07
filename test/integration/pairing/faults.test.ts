import { describe, expect, test } from "vitest";
import { faultAtEveryStep, type Mishap } from "../../support/pair-faults.ts";
import { transactions } from "../../support/pair-plays.ts";

const refused: Mishap = { name: "is refused", trouble: { is: "errno", errno: "EIO" } };

const killed: Mishap[] = [
  { name: "kills the agent before it", trouble: { is: "kill", when: "before" } },
  { name: "kills the agent after it", trouble: { is: "kill", when: "after" } },
];

const dark: Mishap[] = [
  { name: "cuts the node's power before it", trouble: { is: "power loss", when: "before" } },
  { name: "cuts the node's power after it", trouble: { is: "power loss", when: "after" } },
];

const minutes = 15 * 60_000;

// What takes seconds for each step stands beside: npm run faults.
const isWhole = process.env.FLASHFLEET_FAULTS === "all";
const mishaps = isWhole ? [refused, ...killed] : [refused];
const few = ["making a volume", "moving a path", "taking an initiator away"];
const chosen = transactions.filter(({ name }) => isWhole || few.includes(name));

describe.concurrent("a transaction leads from before to after or back, whichever step goes wrong:", () => {
  test.each(chosen)(
    "$name",
    async (transaction) => {
      expect(await faultAtEveryStep(transaction, mishaps)).toBeGreaterThan(0);
    },
    minutes,
  );

  // Where hosts are connected already, they come back by themselves, seconds later.
  test.each(isWhole ? transactions.slice(0, 1) : [])(
    "$name, with the power of either node",
    async (transaction) => {
      expect(await faultAtEveryStep(transaction, dark)).toBeGreaterThan(0);
    },
    minutes,
  );
});
