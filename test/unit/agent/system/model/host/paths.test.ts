import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import { build, disks, errnoOf, never, turns, watched } from "../lab.ts";

import { cut, firstLink, group, secondLink, world } from "./troubled-world.ts";

describe("a disk with two paths", () => {
  async function twoPaths() {
    const made = await world();
    await made.connect();
    await made.connect({ traddr: "10.0.1.1" });
    return made;
  }

  it("fails over when one of them goes silent, and finishes what was under way", async () => {
    const { clock, fabric, target, initiator, state } = await twoPaths();
    fabric.trouble({ between: firstLink, does: cut });
    const writing = watched(initiator.writeBlocks("nvme2n1", 0, new TextEncoder().encode("data")));
    await clock.advance(6_249);
    expect(writing.result).toBe("waits");
    await clock.advance(1);
    expect([writing.result, await state()]).toEqual(["ok", ["nvme2 connecting", "nvme3 live"]]);
    expect(Buffer.from(await target.readBlocks("nvme0n1", 0, 4)).toString()).toBe("data");
  });

  it("goes on over the second path while the first fails fast, and fails when both do", async () => {
    const { clock, fabric, initiator } = await twoPaths();
    for (const name of ["nvme2", "nvme3"]) {
      await initiator.do({ op: "write", path: `/sys/class/nvme/${name}/fast_io_fail_tmo`, value: "1" }, never);
    }
    fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(10_000);
    expect(await errnoOf(initiator.readBlocks("nvme2n1", 0, 4))).toBe("ok");
    fabric.trouble({ between: secondLink, does: cut });
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(10_000);
    expect(reading.result).toBe("EIO");
  });

  it("waits while both are inaccessible, and goes on with the first that is not", async () => {
    const { target, initiator } = await twoPaths();
    await build(target, [
      ["write", group, "inaccessible", "ok"],
      ["write", group.replace("1", "2"), "inaccessible", "ok"],
    ]);
    await turns();
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await turns();
    expect(reading.result).toBe("waits");
    await build(target, [["write", group.replace("1", "2"), "non-optimized", "ok"]]);
    await turns();
    expect(reading.result).toBe("ok");
  });

  it("goes with the last controller, and what waited for it fails", async () => {
    const { target, initiator } = await twoPaths();
    await build(target, [
      ["write", group, "inaccessible", "ok"],
      ["write", group.replace("1", "2"), "inaccessible", "ok"],
    ]);
    await turns();
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    for (const [name, result] of [
      ["nvme2", "waits"],
      ["nvme3", "EIO"],
    ]) {
      await initiator.do({ op: "write", path: `/sys/class/nvme/${name}/delete_controller`, value: "1" }, never);
      await turns();
      expect(reading.result).toBe(result);
    }
  });
});

describe("a path whose ANA state is being changed", () => {
  const resets = (system: ModelSystem) => system.kernelLog().filter((line) => line.includes("ANATT timeout")).length;

  it("is left alone where the change is over within twenty seconds", async () => {
    const { clock, target, initiator, connect } = await world();
    await connect();
    await build(target, [["write", group, "change", "ok"]]);
    await clock.advance(19_999);
    await build(target, [["write", group, "optimized", "ok"]]);
    await turns();
    expect([resets(initiator), clock.sleeping]).toEqual([0, 0]);
  });

  it("has its controller reset every twenty seconds, until the change is over", async () => {
    const { clock, target, initiator, connect, state } = await world();
    await connect();
    await build(target, [["write", group, "change", "ok"]]);
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(45_000);
    expect([resets(initiator), reading.result, await state()]).toEqual([2, "waits", ["nvme2 live"]]);
    await build(target, [["write", group, "optimized", "ok"]]);
    await turns();
    expect([reading.result, clock.sleeping]).toEqual(["ok", 0]);
  });
});

describe("the names of disks", () => {
  it("of paths have the controller's id at the target on 5.0", async () => {
    const { connect, initiator } = await world({ initiator: "5.0" });
    await connect();
    await connect({ duplicate_connect: true });
    expect(await disks(initiator)).toEqual(["nvme2c1n1", "nvme2c2n1", "nvme2n1"]);
  });

  it.each(["N", "0"])(
    "without multipath (%s) are one for each path, below the controller, without ANA",
    async (off) => {
      const { connect, initiator, target } = await world({}, { "nvme_core.multipath": off });
      await connect();
      await connect({ traddr: "10.0.1.1" });
      expect(await disks(initiator)).toEqual(["nvme2n1", "nvme3n1"]);
      expect(await initiator.realpath("/sys/block/nvme3n1")).toBe(
        "/sys/devices/virtual/nvme-fabrics/ctl/nvme3/nvme3n1",
      );
      expect(await initiator.read("/sys/block/nvme3n1/hidden")).toBe("0\n");
      expect(await errnoOf(initiator.read("/sys/block/nvme3n1/ana_state"))).toBe("ENOENT");
      expect(await initiator.list("/dev")).toEqual(expect.arrayContaining(["nvme2n1", "nvme3n1"]));
      await initiator.writeBlocks("nvme3n1", 0, new TextEncoder().encode("x"));
      expect(Buffer.from(await target.readBlocks("nvme0n1", 0, 1)).toString()).toBe("x");
      // Nothing chooses another path: a namespace that is out of reach is an error.
      await build(target, [["write", group, "inaccessible", "ok"]]);
      await turns();
      expect(await errnoOf(initiator.readBlocks("nvme2n1", 0, 4))).toBe("EIO");
      await initiator.do({ op: "write", path: "/sys/class/nvme/nvme2/delete_controller", value: "1" }, never);
      expect(await disks(initiator)).toEqual(["nvme3n1"]);
    },
  );
});
