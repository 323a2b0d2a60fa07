import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate } from "../../../../controller/pairing/allocate.ts";
import type { Target, Want } from "../../../../controller/pairing/want.ts";
import { drive, inUse, target, want } from "../../../support/volumes.ts";

describe("for any fleet", () => {
  const Names = ["n0", "n1", "n2", "n3", "n4"];
  const fleet = fc
    .record({
      drives: fc.array(fc.record({ node: fc.nat(4), size: fc.integer({ min: 1, max: 3 }), used: fc.boolean() }), {
        maxLength: 7,
      }),
      wants: fc.array(
        fc.record({
          size: fc.integer({ min: 1, max: 3 }),
          targets: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 4 }),
          holder: fc.nat(6),
          spread: fc.boolean(),
        }),
        { maxLength: 6 },
      ),
    })
    .map(({ drives, wants }) => ({
      targets: Names.map((name, at) =>
        target(
          name,
          drives.flatMap(({ node, size, used }, n) => (node === at ? [drive(`d${n}`, size, used ? [inUse] : [])] : [])),
          { rack: String(at >> 1) },
        ),
      ),
      wants: wants.map(({ size, targets, holder, spread }, n) =>
        want(
          `n${holder}/v${n}`,
          size,
          targets.map((at) => Names[at] ?? ""),
          { spread: spread ? "rack" : undefined },
        ),
      ),
    }));

  test("everybody gets what it may have, and nobody another's", () => {
    fc.assert(
      fc.property(fleet, ({ targets, wants }) => {
        const { allocations, unmet } = allocate(targets, wants, new Map());
        expect([...allocations.keys(), ...unmet.map(({ volume }) => volume)].sort()).toEqual(
          wants.map(({ volume }) => volume).sort(),
        );
        expect(new Set([...allocations.values()].map((each) => each.id)).size).toBe(allocations.size);
        for (const each of wants) {
          const found = allocations.get(each.volume);
          if (found === undefined) continue;
          const [leg] = found.legs;
          expect(each.targets).toContain(leg?.target);
          expect(leg?.target).not.toBe(each.initiator);
          expect(found.size).toBeGreaterThanOrEqual(each.size);
          const on = targets.find(({ node }) => node === leg?.target);
          expect(on?.drives.find((d) => d.id === found.id)?.obstacles).toEqual([]);
          if (each.spread === undefined) continue;
          const others = wants.filter((w) => w.initiator === each.initiator && w.volume !== each.volume);
          const racks = others.flatMap(({ volume }) => {
            const node = allocations.get(volume)?.legs[0]?.target;
            // One without spread may have come next to it afterwards.
            const spreads = others.find((w) => w.volume === volume)?.spread !== undefined;
            return spreads ? (targets.find((t) => t.node === node)?.variables.rack ?? []) : [];
          });
          expect(racks).not.toContain(on?.variables.rack);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("without spread, as many are met as can be", () => {
    fc.assert(
      fc.property(fleet, ({ targets, wants }) => {
        const plain = wants.map((each) => ({ ...each, spread: undefined }));
        expect(allocate(targets, plain, new Map()).allocations.size).toBe(mostMet(targets, plain));
      }),
      { numRuns: 500 },
    );
  });

  test("the order of the input means nothing, and a second round changes nothing", () => {
    fc.assert(
      fc.property(fleet, fc.func(fc.nat()), ({ targets, wants }, weight) => {
        const shuffled = <T>(items: readonly T[]) => items.toSorted((a, b) => weight(a) - weight(b));
        const first = allocate(targets, wants, new Map());
        const other = allocate(
          shuffled(targets).map((each) => ({ ...each, drives: shuffled(each.drives) })),
          shuffled(wants),
          new Map(),
        );
        expect(other).toEqual(first);
        const second = allocate(targets, wants, first.allocations);
        expect([...second.allocations.values()].map(({ volume, id: on }) => [volume, on])).toEqual(
          [...first.allocations.values()].map(({ volume, id: on }) => [volume, on]),
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** The most wants that can be met, by trying everything. */
function mostMet(targets: Target[], wants: readonly Want[], taken: ReadonlySet<string> = new Set()): number {
  const [first, ...others] = wants;
  if (first === undefined) return 0;
  const options = targets
    .filter(({ node }) => first.targets.includes(node) && node !== first.initiator)
    .flatMap(({ drives }) => drives)
    .filter((each) => each.obstacles.length === 0 && each.size >= first.size && !taken.has(each.id));
  const without = mostMet(targets, others, taken);
  return Math.max(without, ...options.map((each) => 1 + mostMet(targets, others, new Set([...taken, each.id]))));
}
