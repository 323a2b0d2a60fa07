import { describe, expect, test } from "vitest";
import type { Exporter } from "../../../../../controller/pairing/place-volumes.ts";
import type { Volume } from "../../../../../controller/pairing/volume.ts";
import type { Drive } from "../../../../../controller/pairing/want.ts";
import { shortDigest } from "../../../../../controller/run/planned/node-state.ts";
import { insistOnPlaces, volumesOfPlan } from "../../../../../controller/run/planned/placed.ts";
import { NodeId } from "../../../../../shared/protocol/ids.ts";
import { volume } from "../../../../support/pair-evidence.ts";
import { drive, inUse, target } from "../../../../support/volumes.ts";

const named = (...volumes: Volume[]) => new Map(volumes.map((each) => [each.volume, each]));

describe("of its plan a play takes", () => {
  const planned = [
    { play: 0, volume },
    { play: 1, was: shortDigest(volume), volume: { ...volume, volume: "db01/wal" } },
  ];

  test("its own volumes, where nothing has touched them", () => {
    expect([...volumesOfPlan(planned, 0, new Map()).keys()]).toEqual(["db01/data"]);
    expect([...volumesOfPlan(planned, 1, new Map([["db01/wal", volume]])).keys()]).toEqual(["db01/wal"]);
  });

  test("none that the run has placed by then", () => {
    expect(volumesOfPlan(planned, 0, named(volume)).size).toBe(0);
    expect(volumesOfPlan(planned, 1, new Map([["db01/wal", { ...volume, size: 1 }]])).size).toBe(0);
    expect(volumesOfPlan(planned, 1, new Map()).size).toBe(0);
  });
});

describe("a play of a plan is refused", () => {
  const exporter = (...drives: Drive[]): Exporter => ({ ...target("flash01", drives), addresses: [], listeners: [] });
  const free = exporter(drive("1", 2));
  const pair = (initiator: string) => ({ initiator: NodeId.parse(initiator), ready: false });

  function told(
    placed: Volume,
    { plan = [volume], all = [], exporters = [free] }: { plan?: Volume[]; all?: Volume[]; exporters?: Exporter[] } = {},
  ): string {
    const parts = { planned: named(...plan), all: named(...all), volumes: named(placed), exporters };
    try {
      insistOnPlaces(parts);
    } catch (error) {
      return error instanceof Error ? (error.message.split("\n  ")[1] ?? "") : String(error);
    }
    return "";
  }

  test.each<[string, () => string, string]>([
    ["that would get other paths", () => told({ ...volume, legs: [] }), "it would get other paths"],
    [
      "that would get another size and other options",
      () => told({ ...volume, size: 3e9, connect: { ctrl_loss_tmo: 5 } }),
      "it would get other size and connect options",
    ],
    ["for another initiator", () => told({ ...volume, pairs: [pair("db02")] }), "it would get other initiators"],
    ["that nobody has planned", () => told(volume, { plan: [] }), "it is not in the plan"],
    [
      "whose drive is in use",
      () => told(volume, { exporters: [exporter(drive("1", 2, [inUse]))] }),
      "its drive /dev/disk/by-id/nvme-eui.1 of flash01: mounted at /srv",
    ],
    [
      "whose drive is gone",
      () => told(volume, { exporters: [exporter()] }),
      "its drive /dev/disk/by-id/nvme-eui.1 of flash01 is not there any more",
    ],
    ["whose target is gone", () => told(volume, { exporters: [] }), "its target flash01 does not answer"],
  ])("for a volume %s", (_, message, sentence) => {
    expect(message()).toBe(`volume db01/data: ${sentence}`);
  });

  test("for no volume that is as it was planned", () => {
    expect(told(volume)).toBe("");
    expect(told(volume, { plan: [], all: [volume], exporters: [] })).toBe("");
    expect(told(volume, { all: [volume], exporters: [] })).toBe("");
    const byName: Volume = { ...volume, why: { is: "named" } };
    expect(told(byName, { plan: [byName], exporters: [exporter(drive("1", 2, [inUse]))] })).toBe("");
  });
});
