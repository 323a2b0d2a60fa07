import { describe, expect, test } from "vitest";
import type { DirtyDrive, Volume } from "../../../../../controller/pairing/volume.ts";
import { collisionsOf } from "../../../../../controller/run/planned/collisions.ts";
import { shortDigest } from "../../../../../controller/run/planned/node-state.ts";
import { inPieces } from "../../../../../controller/run/planned/pieces.ts";
import type { Planned } from "../../../../../controller/run/planned/planned.ts";
import { volume } from "../../../../support/pair-evidence.ts";

const planned: Volume = { ...volume, at: 100 };
const [leg] = volume.legs;
if (leg === undefined) throw new Error("the volume lies nowhere");

/** Another volume: apart from the planned one, but for what is said. */
const other = (more: Partial<Volume> & { port?: Partial<(typeof leg.ports)[number]> } = {}): Volume => {
  const { port, ...rest } = more;
  const ports = [{ id: 9, address: "10.20.1.1", service_id: "4429", ...port }];
  return { ...volume, volume: "db09/other", drive: "eui.9", legs: [{ ...leg, ports }], ...rest };
};
const sharing: Volume = {
  ...planned,
  legs: [{ ...leg, ports: leg.ports.map((each) => ({ ...each, shared: true as const })) }],
};
const known = (each: Volume) => ({ volume: each.volume, digest: shortDigest(each) });

interface Now {
  all?: readonly Volume[];
  dirty?: readonly DirtyDrive[];
}

function told(plan: Partial<Planned>, { all = [], dirty = [] }: Now): string[] {
  return collisionsOf(
    { known: [], volumes: [{ play: 0, volume: planned }], ...plan },
    {
      all: new Map(all.map((each) => [each.volume, each])),
      dirty: new Map(dirty.map((each) => [each.drive, each])),
    },
  );
}

const left = (at: number): DirtyDrive => ({ drive: "eui.1", volume: "db09/gone", legs: [], at });
const changed: Partial<Planned> = { volumes: [{ play: 0, was: shortDigest(volume), volume: planned }] };
const drive = "its drive /dev/disk/by-id/nvme-eui.1 of flash01";

describe("a planned volume does not go together with", () => {
  test.each<[string, Partial<Planned>, Now, string]>([
    ["one of its name", {}, { all: [planned] }, "it was not there when the plan was made, and is now"],
    ["another one on its drive", {}, { all: [other({ drive: "eui.1" })] }, `${drive} is volume db09/other's now`],
    ["one that was on its drive meanwhile", {}, { dirty: [left(200)] }, `${drive} was volume db09/gone's since`],
    ["its port id", {}, { all: [other({ port: { id: 1 } })] }, "port id 1 of flash01 is taken by volume db09/other"],
    [
      "its service id at its address",
      {},
      { all: [other({ port: { service_id: "4421" } })] },
      "service id 4421 at 10.20.1.1 of flash01 is taken by volume db09/other",
    ],
    [
      "a shared port of its id elsewhere",
      { volumes: [{ play: 0, volume: sharing }] },
      { all: [other({ port: { id: 1, shared: true } })] },
      "port id 1 of flash01 is taken by volume db09/other",
    ],
    [
      "one that has moved to its port since",
      { known: [known(other())] },
      { all: [other({ port: { id: 1 } })] },
      "port id 1 of flash01 is taken by volume db09/other",
    ],
    ["itself, where it was removed", changed, {}, "it was removed"],
    ["itself, where it was changed", changed, { all: [{ ...volume, keyVersion: 2 }] }, "it was changed"],
  ])("%s", (_, plan, now, sentence) => {
    expect(told(plan, now)).toEqual([`volume db01/data: ${sentence}`]);
  });

  test.each<[string, Partial<Planned>, Now]>([
    ["an empty fleet", {}, {}],
    ["others", {}, { all: [other()] }],
    [
      "the same numbers on another target",
      {},
      { all: [other({ legs: [{ ...leg, target: "flash02" as typeof leg.target }] })] },
    ],
    // It was planned around: another play of the plan ends it.
    [
      "what was there then",
      { known: [known(other({ drive: "eui.1", port: { id: 1 } }))] },
      { all: [other({ drive: "eui.1", port: { id: 1 } })] },
    ],
    ["what was left on its drive by then: it was named", {}, { dirty: [left(50)] }],
    [
      "another one on a port that both share",
      { volumes: [{ play: 0, volume: sharing }] },
      { all: [other({ port: { id: 1, service_id: "4421", shared: true } })] },
    ],
    ["itself as it was", changed, { all: [volume] }],
    [
      "itself in a later play of the plan",
      {
        volumes: [
          { play: 0, volume: planned },
          { play: 1, volume: { ...planned, keyVersion: 2 } },
        ],
      },
      {},
    ],
  ])("it does with %s", (_, plan, now) => {
    expect(told(plan, now)).toEqual([]);
  });
});

test("a list is cut into pieces that a message can hold, in its order, and none is empty", () => {
  const items = Array.from({ length: 1000 }, (_, index) => "x".repeat(index));
  const pieces = [...inPieces(items)];
  expect(pieces.flat()).toEqual(items);
  expect(pieces.length).toBeGreaterThan(1);
  for (const piece of pieces) expect(JSON.stringify(piece).length).toBeLessThan(300_000);
  expect([...inPieces([])]).toEqual([]);
  expect([...inPieces(["y".repeat(400_000), "z"])].map((piece) => piece.length)).toEqual([1, 1]);
});
