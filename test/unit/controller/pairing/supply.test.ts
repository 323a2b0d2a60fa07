import { describe, expect, test } from "vitest";
import { Pool } from "../../../../controller/pairing/pool.ts";
import { type SupplyOf, supplyOf } from "../../../../controller/pairing/supply.ts";
import type { DriveFacts } from "../../../../shared/protocol/facts.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";

const drive: DriveFacts = {
  name: "nvme0n1",
  path: "/dev/nvme0n1",
  by_id: ["/dev/disk/by-id/nvme-SAMSUNG_MZ_S1", "/dev/disk/by-id/nvme-eui.0025"],
  serial: "S1",
  model: "SAMSUNG MZ",
  wwid: "eui.0025",
  size: 1.92e12,
  read_only: false,
  signature: "",
  uses: [],
};

function obstacles(more: Partial<DriveFacts>, supply: Partial<SupplyOf> = {}): string[] {
  const target = supplyOf({
    node: NodeId.parse("flash01"),
    drives: [{ ...drive, ...more }],
    pool: "all",
    isDirty: () => false,
    variables: {},
    ...supply,
  });
  return target.drives.flatMap((each) => each.obstacles.map(({ is, says }) => `${is}: ${says}`));
}

describe("what is in the way of a drive", () => {
  const cases: [string, Partial<DriveFacts>, Partial<SupplyOf>, string[]][] = [
    ["nothing", {}, {}, []],
    [
      "each of its uses",
      { uses: [{ device: "/dev/nvme0n1p1", says: "mounted at /" }] },
      {},
      ["use: /dev/nvme0n1p1 is mounted at /"],
    ],
    ["what lies on it", { signature: "ext4" }, {}, ["signature: there is ext4 on it"]],
    ["that it cannot be told", { signature: undefined }, {}, ["use: what lies on it cannot be told"]],
    ["that it is read-only", { read_only: true }, {}, ["read_only: it is read-only"]],
    [
      "that it was a volume's",
      {},
      { isDirty: (id) => id === "eui.0025" },
      ["dirty: it was a volume's, and is not wiped"],
    ],
    ["that its node declares no pool", {}, { pool: undefined }, ["pool: flash01 declares no flashfleet_pool"]],
    [
      "that the pool has others",
      {},
      { pool: Pool.parse(["nvme-INTEL*"]) },
      ["pool: it is not in flashfleet_pool of flash01"],
    ],
  ];
  test.each(cases)("%s", (_, more, supply, expected) => {
    expect(obstacles(more, supply)).toEqual(expected);
  });
});

describe("pools", () => {
  test.each([
    ["a pattern of names by id", ["nvme-SAMSUNG*"]],
    ["a pattern of whole paths", ["/dev/disk/by-id/nvme-eui.*"]],
    ["bounds of size", [{ min_size: "1TB", max_size: "2TB" }]],
    ["one of several", ["nvme-INTEL*", { drives: "nvme-SAMSUNG*", min_size: 1 }]],
  ])("%s", (_, pool) => {
    expect(obstacles({}, { pool: Pool.parse(pool) })).toEqual([]);
  });

  test.each([
    ["too small", [{ min_size: "2TB" }]],
    ["too large", [{ max_size: "1TB" }]],
    ["an empty list", []],
  ])("not: %s", (_, pool) => {
    expect(obstacles({}, { pool: Pool.parse(pool) })).toHaveLength(1);
  });

  test("a size that is none is told", () => {
    expect(JSON.stringify(Pool.safeParse([{ min_size: "1T" }]).error?.issues)).toContain("'1T' is no size");
  });
});

describe("what a drive is called", () => {
  const named = (more: Partial<DriveFacts>) =>
    supplyOf({
      node: NodeId.parse("flash01"),
      drives: [{ ...drive, ...more }],
      pool: "all",
      isDirty: () => false,
      variables: {},
    }).drives.map(({ id, device }) => [id, device])[0];

  test.each<[string, Partial<DriveFacts>, string, string]>([
    ["by its wwid", {}, "eui.0025", "/dev/disk/by-id/nvme-eui.0025"],
    [
      "by model and serial, on its node, without one",
      { wwid: "" },
      "flash01 SAMSUNG MZ S1",
      "/dev/disk/by-id/nvme-eui.0025",
    ],
    [
      "by the kernel's name where there is nothing else",
      { wwid: "", serial: "", by_id: [] },
      "flash01 nvme0n1",
      "/dev/nvme0n1",
    ],
  ])("%s", (_, more, id, device) => {
    expect(named(more)).toEqual([id, device]);
  });
});
