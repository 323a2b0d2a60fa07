import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { foresee } from "../contract/walks/foresee.ts";
import { walkingWorld } from "../contract/walks/model-world.ts";
import { renderHang, renderWalk } from "../contract/walks/script.ts";
import { type Walk, Walks } from "../contract/walks/walk.ts";
import { Lab } from "./lab.ts";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import { Walker } from "./support/walker.ts";

const MEBIBYTE = 2 ** 20;
const ACTS = 50;
/** Some acts of a walk are left out as dangerous. */
const MARGIN = 1.15;

describeLab("random walks on the model and on a real kernel", () => {
  const version = inject("kernel");
  const { operations, seed, run } = inject("walks");
  let lab: Lab;
  let node: Machine;
  let walker: Walker;

  beforeAll(async () => {
    lab = await Lab.open({ name: `walks-${version}`, kernel: version, note: say });
    const drives = ["A", "B", "C"].map((serial) => ({ size: 64 * MEBIBYTE, serial }));
    ({ node } = await timed(`booting Linux ${lab.kernel.version}`, () => lab.boot({ node: { drives } })));
    await node.output("/run/busybox blockdev --setro /dev/nvme2n1");
    walker = await Walker.start(node);
  });
  afterAll(async () => {
    await walker?.end().catch(() => undefined);
    await lab?.[Symbol.asyncDispose]();
  });

  it(
    `gives the same step by step, over ${operations} operations (seed ${seed})`,
    async () => {
      const failedAt = new WeakMap<Walk, number>();
      const told = { operations: 0, races: 0, story: "", hangs: false };
      const property = fc.asyncProperty(new Walks(ACTS, (walk) => failedAt.get(walk)), async (walk) => {
        // A machine that hangs answers nothing any more: there is nothing to shrink.
        if (told.hangs) return true;
        const way = await foresee(walkingWorld(version), version, walk);
        if (told.story === "") told.operations += way.steps.length;
        try {
          const first = await walker.follow(way);
          if (first === undefined) return true;
          // What a kernel does once and not again is a race of its own.
          const parting = await walker.follow(way);
          if (parting === undefined) {
            told.races += 1;
            say(`once, and not again:\n${renderWalk(way.steps, first)}`);
            return true;
          }
          const act = way.steps[parting.at]?.act;
          failedAt.set(walk, act === undefined ? 0 : walk.indexOf(act));
          told.story = renderWalk(way.steps, parting);
        } catch (error) {
          told.hangs = true;
          told.story = renderHang(way.steps, error, node.console.tail(60));
        }
        return false;
      });
      const numRuns = Math.ceil((operations * MARGIN) / ACTS);
      const { failed, counterexamplePath } = await timed(`walking on Linux ${lab.kernel.version}`, () =>
        fc.check(property, { seed, numRuns, ...(run === undefined ? {} : { path: String(run) }) }),
      );
      say(`${told.operations} operations with seed ${seed}; ${told.races} walks differed once, and not again`);
      const again = `FLASHFLEET_LAB_SEED=${seed}:${counterexamplePath?.split(":")[0]}`;
      expect(failed ? `${told.story}\n(again with ${again})` : "").toBe("");
      expect(await node.output("dmesg | grep -E 'BUG:|Oops:' || true")).toBe("");
      if (run === undefined) expect(told.operations).toBeGreaterThanOrEqual(operations);
    },
    24 * 3600_000,
  );
});
