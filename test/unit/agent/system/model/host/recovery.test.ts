import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LinkTrouble } from "../../../../../../agent/system/model/fabric/trouble.ts";
import { build, connectTo, controllers, disks, errnoOf, never, nqnA, run, turns, watched } from "../lab.ts";

import { cut, firstLink, group, isServing, linkA, world } from "./troubled-world.ts";

describe("a host whose target cannot be heard", () => {
  it.each([
    // The next keep-alive is due a quarter of a timeout, or on old kernels a whole one, after the connect.
    ["6.12", {}, 6_250],
    ["6.12", { keep_alive_tmo: 10 }, 12_500],
    ["5.4", {}, 10_000],
  ])(
    "on %s with %o goes connecting after %i ms, and back to live once the link is healed",
    async (kernel, options, after) => {
      const { clock, fabric, connect, state } = await world({ initiator: kernel });
      await connect(options);
      expect(clock.sleeping).toBe(0);
      const trouble = fabric.trouble({ between: firstLink, does: cut });
      await clock.advance(after - 1);
      expect(await state()).toEqual(["nvme2 live"]);
      await clock.advance(1);
      expect(await state()).toEqual(["nvme2 connecting"]);
      await clock.advance(60_000);
      expect(await state()).toEqual(["nvme2 connecting"]);
      trouble.heal();
      await clock.advance(5_000);
      expect(await state()).toEqual(["nvme2 live"]);
      expect(clock.sleeping).toBe(0);
    },
  );

  it("notices nothing where the link is healed in time, and loses no I/O", async () => {
    const { clock, fabric, target, initiator, connect, state } = await world();
    await connect();
    const trouble = fabric.trouble({ between: firstLink, does: cut });
    const writing = watched(initiator.writeBlocks("nvme2n1", 0, new TextEncoder().encode("kept")));
    await clock.advance(2_000);
    expect(writing.result).toBe("waits");
    trouble.heal();
    await turns();
    expect([writing.result, await state(), clock.sleeping]).toEqual(["ok", ["nvme2 live"], 0]);
    expect(Buffer.from(await target.readBlocks("nvme0n1", 0, 4)).toString()).toBe("kept");
  });

  it("without keep-alive, as old kernels let it be, notices when I/O times out, and not before there is some", async () => {
    const { clock, fabric, initiator, connect, state } = await world({ initiator: "5.10" });
    await connect({ keep_alive_tmo: 0 });
    expect(await errnoOf(initiator.readBlocks("nvme2n1", 0, 4))).toBe("ok");
    fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(600_000);
    expect(await state()).toEqual(["nvme2 live"]);
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(29_999);
    expect(await state()).toEqual(["nvme2 live"]);
    await clock.advance(1);
    expect([await state(), reading.result]).toEqual([["nvme2 connecting"], "waits"]);
  });

  it("stays live on a slow link, and not on one that is slower than its keep-alive", async () => {
    const { clock, fabric, connect, state } = await world();
    await connect();
    const slow = fabric.trouble({ between: firstLink, does: { is: "slow", millis: 2_000 } });
    await clock.advance(60_000);
    expect(await state()).toEqual(["nvme2 live"]);
    slow.heal();
    fabric.trouble({ between: firstLink, does: { is: "slow", millis: 3_000 } });
    await clock.advance(60_000);
    expect(await state()).toEqual(["nvme2 connecting"]);
  });

  it("gives up after ctrl_loss_tmo: the disk goes, and what waited for it fails", async () => {
    const { clock, fabric, initiator, connect, state } = await world();
    await connect({ ctrl_loss_tmo: 10 });
    fabric.trouble({ between: firstLink, does: cut });
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(6_250);
    expect(await state()).toEqual(["nvme2 connecting"]);
    // Five attempts, each after two seconds and with three of waiting for a SYN's answer.
    await clock.advance(24_999);
    expect([await state(), reading.result]).toEqual([["nvme2 connecting"], "waits"]);
    await clock.advance(1);
    expect([await state(), reading.result, await disks(initiator)]).toEqual([[], "EIO", []]);
    expect(clock.sleeping).toBe(0);
  });

  it("fails I/O after fast_io_fail_tmo, and serves it again once it is connected", async () => {
    const { clock, fabric, initiator, connect, state } = await world();
    await connect({ fast_io_fail_tmo: 4 });
    const trouble = fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(6_250);
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(3_999);
    expect(reading.result).toBe("waits");
    await clock.advance(1);
    expect(reading.result).toBe("EIO");
    expect(await errnoOf(initiator.readBlocks("nvme2n1", 0, 4))).toBe("EIO");
    expect(await disks(initiator)).toEqual(["nvme2c2n1", "nvme2n1"]);
    trouble.heal();
    await clock.advance(5_000);
    expect(await state()).toEqual(["nvme2 live"]);
    expect(await errnoOf(initiator.readBlocks("nvme2n1", 0, 4))).toBe("ok");
    // The time begins anew with the next loss.
    fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(6_250);
    expect(await state()).toEqual(["nvme2 connecting"]);
    const next = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(3_000);
    expect(next.result).toBe("waits");
  });

  it("tells the target nothing when it is deleted, and waits as long as for any command", async () => {
    const { clock, fabric, initiator, connect, state } = await world();
    await connect();
    fabric.trouble({ between: firstLink, does: cut });
    const path = "/sys/class/nvme/nvme2/delete_controller";
    const deleting = watched(initiator.do({ op: "write", path, value: "1" }, never));
    await turns();
    expect([await state(), await disks(initiator)]).toEqual([["nvme2 deleting"], []]);
    await clock.advance(59_999);
    expect(deleting.result).toBe("waits");
    await clock.advance(1);
    expect([deleting.result, await state()]).toEqual(["ok", []]);
  });

  it.each<[LinkTrouble["does"], string]>([
    [{ is: "cut" }, "ETIMEDOUT"],
    [{ is: "cut", dial: "EHOSTUNREACH" }, "EHOSTUNREACH"],
  ])("does not connect over %o: %s after three seconds", async (does, errno) => {
    const { clock, fabric, initiator, state } = await world();
    fabric.trouble({ between: firstLink, does });
    const connecting = watched(initiator.do(connectTo(nqnA), never));
    await clock.advance(2_999);
    expect([connecting.result, await state()]).toEqual(["waits", ["nvme2 connecting"]]);
    await clock.advance(1);
    expect([connecting.result, await state()]).toEqual([errno, []]);
  });
});

describe("a target whose host cannot be heard", () => {
  it.each([
    // Twice the keep-alive timeout.
    ["6.12", 10_000],
    // Old hosts ask for ten seconds more than they wait themselves.
    ["5.4", 30_000],
  ])("frees the controller of a host of %s %i ms after its last keep-alive", async (kernel, after) => {
    const { clock, fabric, target, connect } = await world({ initiator: kernel });
    await connect();
    fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(after - 1);
    expect(await isServing(target)).toBe(true);
    await clock.advance(1);
    expect(await isServing(target)).toBe(false);
  });

  it("keeps a controller that asked for no keep-alive", async () => {
    const { clock, fabric, target, connect } = await world({ initiator: "5.10" });
    await connect({ keep_alive_tmo: 0 });
    fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(600_000);
    expect(await isServing(target)).toBe(true);
  });

  it("drops a discovery controller that says nothing from two minutes to the next two, whose host then reconnects", async () => {
    const { clock, target, initiator } = await world();
    const nqn = "nqn.2014-08.org.nvmexpress.discovery";
    await initiator.do(connectTo(nqn), never);
    await clock.advance(239_999);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqn}`]);
    await clock.advance(1);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqn}`]);
    expect(await isServing(target)).toBe(false);
    await clock.advance(2_000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqn}`]);
  });

  it("says so in its log, and frees it at once where the host is heard to have ended it", async () => {
    const { clock, fabric, target, connect, state } = await world();
    await connect({ keep_alive_tmo: 1, reconnect_delay: 20 });
    const trouble = fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(1_500);
    expect([await state(), await isServing(target)]).toEqual([["nvme2 connecting"], true]);
    trouble.heal();
    await turns();
    expect(await isServing(target)).toBe(false);
    await clock.advance(20_000);
    expect(await state()).toEqual(["nvme2 live"]);
    fabric.trouble({ between: firstLink, does: cut });
    await clock.advance(5_000);
    expect(
      target
        .kernelLog()
        .filter((line) => line.includes("ctrl 1 "))
        .slice(-2),
    ).toEqual([
      expect.stringContaining("nvmet: ctrl 1 keep-alive timer (1 seconds) expired!"),
      expect.stringContaining("nvmet: ctrl 1 fatal error occurred!"),
    ]);
  });
});

describe("a port that is gone for a while", () => {
  it("makes I/O wait, until the port is back", async () => {
    const { clock, target, initiator, connect, state } = await world();
    await connect();
    await build(target, [
      ["unlink", linkA, "ok"],
      ["unlink", linkA.replace(/a$/, "b"), "ok"],
    ]);
    await turns();
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(30_000);
    expect([reading.result, await state()]).toEqual(["waits", ["nvme2 connecting"]]);
    await build(target, [["link", linkA, `subsystems/${nqnA}`, "ok"]]);
    await clock.advance(2_000);
    expect([reading.result, await state()]).toEqual(["ok", ["nvme2 live"]]);
  });
});

describe("whatever happens to the network for a while", () => {
  const happening = fc.constantFrom(
    "cut",
    "slow",
    "heal",
    "gone",
    "back",
    "down",
    "up",
    "away",
    "usable",
    "write",
    "wait",
  );

  it("a connection that may try for ever is live again, has done all its I/O, and leaves no timer", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(happening, fc.nat(9_000)), { maxLength: 30 }), async (events) => {
        const { clock, fabric, target, initiator, connect, state } = await world();
        await connect({ ctrl_loss_tmo: -1 });
        const healing: (() => void)[] = [];
        const writing: { result: string }[] = [];
        const happen: Record<string, () => Promise<unknown> | unknown> = {
          cut: () => healing.push(fabric.trouble({ between: firstLink, does: cut }).heal),
          slow: () => healing.push(fabric.trouble({ between: firstLink, does: { is: "slow", millis: 700 } }).heal),
          heal: () => healing.pop()?.(),
          gone: () => target.removeAddress("10.0.0.1").catch(() => {}),
          back: () => target.addAddress("10.0.0.1/24").catch(() => {}),
          down: () => initiator.setInterface("eth0", "down"),
          up: () => initiator.setInterface("eth0", "up"),
          away: () => run(target, ["write", group, "inaccessible", "ok"]),
          usable: () => run(target, ["write", group, "optimized", "ok"]),
          write: () => {
            const text = new TextEncoder().encode(`${writing.length}`);
            writing.push(watched(initiator.writeBlocks("nvme2n1", 4096 * writing.length, text)));
          },
        };
        for (const [event, millis] of events) {
          await happen[event]?.();
          await clock.advance(millis);
        }
        for (const heal of healing) heal();
        for (const event of ["back", "up", "usable"]) await happen[event]?.();
        await clock.advance(20_000);
        expect(await state()).toEqual(["nvme2 live"]);
        expect(writing.map(({ result }) => result)).toEqual(writing.map(() => "ok"));
        for (const [index] of writing.entries()) {
          const text = Buffer.from(await target.readBlocks("nvme0n1", 4096 * index, `${index}`.length)).toString();
          expect(text).toBe(`${index}`);
        }
        expect(clock.sleeping).toBe(0);
        await initiator.stop();
        await target.stop();
      }),
      { numRuns: 40 },
    ));
});
