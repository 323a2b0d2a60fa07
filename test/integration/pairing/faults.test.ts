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

// What takes seconds for each step stands beside: npm run lab -- faults.
const isWhole = process.env.FLASHFLEET_FAULTS === "all";
const mishaps = isWhole ? [refused, ...killed] : [refused];

describe.concurrent("a transaction leads from before to after or back, whichever step goes wrong:", () => {
  test.each(transactions)(
    "$name",
    async (transaction) => {
      expect(await faultAtEveryStep(transaction, mishaps)).toBeGreaterThan(0);
    },
    900_000,
  );

  // Where hosts are connected already, they come back by themselves, seconds later.
  test.runIf(isWhole)(
    "making a volume, with the power of either node",
    async () => {
      const [making] = transactions;
      if (making === undefined) throw new Error("there is no transaction");
      expect(await faultAtEveryStep(making, dark)).toBeGreaterThan(0);
    },
    900_000,
  );
});
