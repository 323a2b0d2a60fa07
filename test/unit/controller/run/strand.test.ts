import { describe, expect, it } from "vitest";
import type { Branch } from "../../../../controller/project/branch.ts";
import { comparePositions, Strand } from "../../../../controller/run/strand.ts";

interface Leaf {
  is: "task";
  name: string;
}

type Node = Leaf | Branch<Leaf>;

const t = (...names: string[]): Leaf[] => names.map((name) => ({ is: "task", name }));
const block = (tasks: Node[], rescue: Node[] = [], always: Node[] = []): Branch<Leaf> => ({
  is: "block",
  tasks,
  rescue,
  always,
});

/** The names in the order in which a host does them; those in `failing` fail. `!` at the end: the host is lost. */
function walk(tasks: Node[], failing: string[] = []): string {
  const strand = new Strand(tasks);
  const done: string[] = [];
  for (let leaf = strand.leaf; leaf !== undefined; leaf = strand.leaf) {
    done.push(leaf.name);
    if (failing.includes(leaf.name)) strand.fail();
    else strand.done();
  }
  return `${done.join(" ")}${strand.isLost ? " !" : ""}`;
}

describe("the way of a host through a play", () => {
  const inner = block(t("i1", "i2"), t("ir"), t("ia"));
  const cases: [says: string, tasks: Node[], failing: string[], way: string][] = [
    ["without blocks it is the list", t("a", "b"), [], "a b"],
    ["a failure ends it", t("a", "b"), ["a"], "a !"],
    ["a block's always runs after its tasks", [block(t("a"), t("r"), t("z")), ...t("b")], [], "a z b"],
    ["a failure goes to rescue, and on", [block(t("a", "x"), t("r"), t("z")), ...t("b")], ["a"], "a r z b"],
    ["a failure in rescue still runs always", [block(t("a"), t("r", "s"), t("z")), ...t("b")], ["a", "r"], "a r z !"],
    ["without rescue, always runs and the host is lost", [block(t("a"), [], t("z")), ...t("b")], ["a"], "a z !"],
    ["a failure in always skips the rest of it", [block(t("a"), t("r"), t("y", "z"))], ["y"], "a y !"],
    ["an outer rescue catches what an inner one fails", [block([inner], t("r"), t("z"))], ["i1", "ir"], "i1 ir ia r z"],
    [
      "an inner block that rescues is no failure outside",
      [block([inner, ...t("a")], t("r"), t("z"))],
      ["i2"],
      "i1 i2 ir ia a z",
    ],
    ["an outer rescue waits for the inner always", [block([block(t("a"), [], t("y"))], t("r"))], ["a"], "a y r"],
    [
      "blocks in rescue and always are blocks",
      [block(t("a"), [block(t("b"), t("c"))], [inner])],
      ["a", "b"],
      "a b c i1 i2 ia",
    ],
    ["empty blocks are passed", [block([]), ...t("a"), block([block([])])], [], "a"],
  ];
  it.each(cases)("%s", (_, tasks, failing, way) => {
    expect(walk(tasks, failing)).toBe(way);
  });

  it("does what an include stands for, then goes on behind it", () => {
    const strand = new Strand<Leaf>([block(t("include", "b"), t("r")), ...t("c")]);
    strand.descend(t("x"));
    expect(strand.leaf?.name).toBe("x");
    strand.done();
    expect(strand.leaf?.name).toBe("b");
  });

  it("has a place of its own below each file, and the same one whenever the play is run", () => {
    const placeBelow = (file: string) => {
      const strand = new Strand<Leaf>(t("include", "b"));
      strand.descend(t("x"), file);
      return strand.place;
    };
    expect(placeBelow("one")).toBe(placeBelow("one"));
    expect(placeBelow("one")).not.toBe(placeBelow("two"));
  });

  it("takes a failure below an include to the block around it", () => {
    const strand = new Strand<Leaf>([block(t("include"), t("r"))]);
    strand.descend(t("x"));
    expect(strand.isGuarded).toBe(true);
    strand.fail();
    expect([strand.leaf?.name, strand.isRescuing, strand.isGuarded]).toEqual(["r", true, false]);
  });

  it("orders positions as the playbook does, whichever way a host came", () => {
    const tasks = [block(t("a", "b"), t("r", "s"), t("z")), ...t("c")];
    const order = ["a", "b", "r", "s", "z", "c"];
    const seen = new Map<string, readonly number[]>();
    for (const failing of [[], ["a"]]) {
      const strand = new Strand(tasks);
      for (let leaf = strand.leaf; leaf !== undefined; leaf = strand.leaf) {
        seen.set(leaf.name, strand.position);
        if (failing.some((each) => each === leaf?.name)) strand.fail();
        else strand.done();
      }
    }
    const sorted = [...seen].sort(([, one], [, other]) => comparePositions(one, other)).map(([name]) => name);
    expect(sorted).toEqual(order);
  });

  it("is through where it is told to end", () => {
    const strand = new Strand(t("a", "b"));
    strand.end({ lost: true });
    expect([strand.leaf, strand.isLost]).toEqual([undefined, true]);
  });
});
