import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Claimant, HeldNodes } from "../../../../controller/run/held-nodes.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";

const claimant = (title: string): Claimant => ({ title, by: undefined, at: 0 });
const nodes = (...names: string[]) => new Set(names.map((name) => NodeId.parse(name)));

/** Somebody in the line; `has` once all nodes are his. */
function waiter(held: HeldNodes<Claimant>, title: string, wanted: ReadonlySet<NodeId>) {
  const stop = new AbortController();
  const me = claimant(title);
  const told: string[] = [];
  const state = { has: false };
  const done = (async () => {
    for await (const holders of held.wait(me, wanted, stop.signal))
      told.push(holders.map((each) => `${each.claimant.title}${each.has ? "" : "?"}`).join());
    state.has = true;
  })().catch(() => undefined);
  return { me, told, state, stop, done };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("nodes that runs hold", () => {
  test("are taken all or none", () => {
    const held = new HeldNodes<Claimant>();
    const [one, two] = [claimant("one"), claimant("two")];
    expect(held.take(one, nodes("a", "b"))).toEqual([]);
    expect(held.take(two, nodes("b", "c"))).toEqual([{ claimant: one, has: true, nodes: ["b"] }]);
    expect(held.take(claimant("three"), nodes("c"))).toEqual([]);
    held.release(one);
    expect(held.take(two, nodes("a", "b"))).toEqual([]);
  });

  test("come to who waited first, and the others are told who is in the way now", async () => {
    const held = new HeldNodes<Claimant>();
    const one = claimant("one");
    held.take(one, nodes("a"));
    const two = waiter(held, "two", nodes("a", "b"));
    const three = waiter(held, "three", nodes("a", "c"));
    const four = waiter(held, "four", nodes("b"));
    await settled();
    held.release(one);
    await settled();
    expect([two.state.has, three.state.has, four.state.has]).toEqual([true, false, false]);
    expect(three.told).toEqual(["one,two?", "two"]);
    expect(four.told).toEqual(["two?", "two"]);
    held.release(two.me);
    await settled();
    expect([three.state.has, four.state.has]).toEqual([true, true]);
  });

  test("are free again where who waits goes at the very moment of his turn", async () => {
    const held = new HeldNodes<Claimant>();
    const one = claimant("one");
    held.take(one, nodes("a"));
    const two = waiter(held, "two", nodes("a"));
    await settled();
    held.release(one);
    two.stop.abort();
    await two.done;
    expect(two.state.has).toBe(false);
    expect(held.take(claimant("three"), nodes("a"))).toEqual([]);
  });

  test("are never two runs' at once, nobody is overtaken, and all get their turn, whatever comes in whatever order", async () => {
    const act = fc.record({
      wants: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }),
      ends: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const held = new HeldNodes<Claimant>();
        const line: (ReturnType<typeof waiter> & { wants: readonly string[]; isOver: boolean })[] = [];
        const look = async () => {
          await settled();
          const having = line.filter(({ state, isOver }) => state.has && !isOver);
          const all = having.flatMap(({ wants }) => wants);
          expect(new Set(all).size).toBe(all.length);
          for (const [index, { wants, state }] of line.entries()) {
            if (!state.has) continue;
            const before = line
              .slice(0, index)
              .filter((each) => !each.state.has && each.wants.some((name) => wants.includes(name)));
            expect(before).toEqual([]);
          }
        };
        const end = (number: number) => {
          const having = line.filter(({ state, isOver }) => state.has && !isOver);
          const one = having[number % Math.max(1, having.length)];
          if (one === undefined) return false;
          one.isOver = true;
          held.release(one.me);
          return true;
        };
        for (const [index, { wants, ends }] of acts.entries()) {
          line.push({ ...waiter(held, String(index), nodes(...wants)), wants, isOver: false });
          await look();
          if (ends % 2 === 1) end(ends);
          await look();
        }
        while (end(0)) await look();
        expect(line.every(({ state }) => state.has)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
