import { describe, expect, test } from "vitest";
import { allocate } from "../../../../controller/pairing/allocate.ts";
import type { Allocation, Target, Want } from "../../../../controller/pairing/want.ts";
import { drive, GB, inUse, target, want } from "../../../support/volumes.ts";

/** Where each volume lies: `flash01 a`; what is unmet: its reason. */
function outcome(targets: Target[], wants: Want[], kept: ReadonlyMap<string, Allocation> = new Map()) {
  const { allocations, unmet } = allocate(targets, wants, kept);
  return {
    ...Object.fromEntries(
      [...allocations].map(([volume, { legs }]) => [
        volume,
        legs.map(({ target: node, device }) => `${node} ${device.replace("/dev/disk/by-id/nvme-", "")}`).join(" + "),
      ]),
    ),
    ...Object.fromEntries(unmet.map(({ volume, reason }) => [volume, reason])),
  };
}

const two = ["flash01", "flash02"];

describe("which drive a volume gets", () => {
  const cases: [string, Target[], Want[], Record<string, string>][] = [
    [
      "the smallest that fits",
      [target("flash01", [drive("a", 4000), drive("b", 960), drive("c", 1920)])],
      [want("db1/data", 1000, ["flash01"])],
      { "db1/data": "flash01 c" },
    ],
    [
      "of equal ones that of the target with the fewest volumes, by name where that is equal too",
      [target("flash02", [drive("c", 960), drive("d", 960)]), target("flash01", [drive("a", 960), drive("b", 960)])],
      [want("db1/data", 900, two), want("db2/data", 900, two), want("db3/data", 900, two)],
      { "db1/data": "flash01 a", "db2/data": "flash02 c", "db3/data": "flash01 b" },
    ],
    [
      "none that is in use, has data, is dirty, read-only or in no pool",
      [
        target("flash01", [
          drive("a", 960, [inUse]),
          drive("b", 960, [{ is: "signature", says: "ext4" }]),
          drive("c", 960, [{ is: "dirty", says: "released" }]),
          drive("d", 960, [{ is: "pool", says: "no pool" }]),
          drive("e", 960, [{ is: "read_only", says: "read-only" }]),
          drive("f", 960),
        ]),
      ],
      [want("db1/data", 900, ["flash01"]), want("db1/wal", 900, ["flash01"])],
      {
        "db1/data": "flash01 f",
        "db1/wal":
          "no free drive of at least 900.00 GB on 1 target: 1 of other volumes, 1 in use, 1 with data on them, 1 released and not wiped, 1 in no pool, 1 read-only",
      },
    ],
    [
      "none of its own node",
      [target("flash01", [drive("a", 960)]), target("flash02", [drive("b", 1920)])],
      [want("flash01/data", 900, two)],
      { "flash01/data": "flash02 b" },
    ],
    [
      "one of its own node where that is allowed",
      [target("flash01", [drive("a", 960)])],
      [want("flash01/data", 900, ["flash01"], { local: true })],
      { "flash01/data": "flash01 a" },
    ],
    [
      "not one that another target has in use",
      [target("flash01", [drive("a", 960)]), target("flash02", [drive("a", 960, [inUse]), drive("b", 1920)])],
      [want("db1/data", 900, two)],
      { "db1/data": "flash02 b" },
    ],
    [
      "with spread, on targets that differ in the variable",
      [
        target("flash01", [drive("a", 960), drive("b", 960)], { rack: "r1" }),
        target("flash02", [drive("c", 960)], { rack: "r1" }),
        target("flash03", [drive("d", 3840)], { rack: "r2" }),
        target("flash04", [drive("e", 960)]),
      ],
      ["data", "wal", "log"].map((name) =>
        want(`db1/${name}`, 900, ["flash01", "flash02", "flash03", "flash04"], { spread: "rack" }),
      ),
      {
        "db1/data": "flash01 a",
        "db1/log": "flash03 d",
        "db1/wal": "no free drive of at least 900.00 GB on 4 targets that it may have",
      },
    ],
    [
      "one that is shared, with all targets that see it",
      [
        target("flash01", [drive("own", 960), drive("both", 1920)]),
        target("flash02", [drive("both", 1920)]),
        target("flash03", [drive("x", 960)]),
      ],
      [want("db1/data", 900, ["flash03", "flash02", "flash01"], { backing: "shared" })],
      { "db1/data": "flash01 both + flash02 both" },
    ],
    [
      "another volume moves over where that is the only way",
      [target("flash01", [drive("a", 960)]), target("flash02", [drive("b", 960)])],
      [want("db1/data", 900, two), want("db2/data", 900, ["flash01"])],
      { "db1/data": "flash02 b", "db2/data": "flash01 a" },
    ],
    [
      "several move over, each to where the next one was",
      [
        target("flash01", [drive("a", 960)]),
        target("flash02", [drive("b", 960)]),
        target("flash03", [drive("c", 960)]),
      ],
      [want("db1/data", 900, two), want("db2/data", 900, ["flash02", "flash03"]), want("db3/data", 900, ["flash01"])],
      { "db1/data": "flash02 b", "db2/data": "flash03 c", "db3/data": "flash01 a" },
    ],
  ];
  test.each(cases)("%s", (_, targets, wants, expected) => {
    expect(outcome(targets, wants)).toEqual(expected);
  });
});

describe("a volume that names its drive", () => {
  const targets = [
    target("flash01", [
      drive("a", 960),
      drive("b", 960, [inUse]),
      drive("c", 960, [{ is: "dirty", says: "released" }]),
    ]),
    target("flash02", [drive("a", 960), { ...drive("d", 960), names: ["/dev/c"] }]),
  ];
  const cases: [string, Partial<Want> & { device: string; targets?: never }, string[], string][] = [
    ["by its kernel name", { device: "/dev/a" }, ["flash01"], "flash01 a"],
    ["one that is dirty: naming it is enough", { device: "/dev/c" }, ["flash01"], "flash01 c"],
    [
      "one in use is refused",
      { device: "/dev/b" },
      ["flash01"],
      "/dev/disk/by-id/nvme-b cannot be taken: mounted at /srv",
    ],
    ["one in use that an override names", { device: "/dev/b", override: ["/dev/b"] }, ["flash01"], "flash01 b"],
    ["a file of its only target", { device: "/srv/flash.img" }, ["flash01"], "flash01 /srv/flash.img"],
    ["a file of one of several", { device: "/srv/flash.img" }, two, "none of 2 targets has a drive /srv/flash.img"],
    [
      "a name that means another drive on each target",
      { device: "/dev/c" },
      ["flash01", "flash02"],
      "flash01 and flash02 each have a /dev/c of their own",
    ],
    ["a drive that several see", { device: "/dev/disk/by-id/nvme-a" }, two, "flash01 and flash02 see the same drive"],
    [
      "a drive that several see, shared",
      { device: "/dev/disk/by-id/nvme-a", backing: "shared" },
      two,
      "flash01 a + flash02 a",
    ],
    [
      "a drive that is too small",
      { device: "/dev/a", size: 1000 * GB },
      ["flash01"],
      "/dev/disk/by-id/nvme-a has 960000000000 bytes, fewer than 1000000000000",
    ],
  ];
  test.each(cases)("%s", (_, more, on, expected) => {
    expect(outcome(targets, [want("db1/data", 0, on, more)])).toEqual({ "db1/data": expected });
  });

  test("a drive has one volume", () => {
    const wants = [
      want("db1/data", 0, ["flash01"], { device: "/dev/a" }),
      want("db2/data", 0, ["flash01"], { device: "/dev/a" }),
    ];
    expect(outcome(targets, wants)).toEqual({
      "db1/data": "flash01 a",
      "db2/data": "/dev/disk/by-id/nvme-a is volume db1/data's",
    });
  });
});

describe("what is there stays", () => {
  const small = [target("flash01", [drive("a", 1920)]), target("flash02", [drive("b", 3840)])];
  const first = allocate(small, [want("db1/data", 1000, two)], new Map()).allocations;

  test("a better drive, a new node, a pattern without its target move nothing", () => {
    const later = [...small, target("flash00", [drive("new", 1000)])];
    expect(outcome(later, [want("db1/data", 1000, ["flash00", "flash02"])], first)).toEqual({
      "db1/data": "flash01 a",
    });
  });

  test("a volume that is not asked for any more keeps its drive", () => {
    expect(outcome(small, [want("db2/data", 1000, two)], first)).toEqual({
      "db1/data": "flash01 a",
      "db2/data": "flash02 b",
    });
  });

  test("its target may be away", () => {
    expect(outcome([], [want("db1/data", 1000, two)], first)).toEqual({ "db1/data": "flash01 a" });
  });

  test.each([
    ["more than its drive has", { size: 2000 * GB }, "with 1920000000000 bytes, and 2000000000000 are asked for"],
    ["another drive by name", { device: "/dev/b" }, "not on /dev/b"],
  ])("%s is told", (_, more, says) => {
    expect(outcome(small, [want("db1/data", 1000, two, more)], first)["db1/data"]).toContain(says);
  });
});
