import { describe, expect, it } from "vitest";
import { type Fault, withFaults } from "../../../../../agent/system/model/faults.ts";
import type { ModelSystem } from "../../../../../agent/system/model/model-system.ts";
import type { Op, Output } from "../../../../../agent/system/system.ts";
import { errnoOf, ManualClock, never, targetNode, turns, watched } from "./lab.ts";

const subsystems = "/sys/kernel/config/nvmet/subsystems";
const make = (name: string): Op => ({ op: "mkdir", path: `${subsystems}/${name}` });

async function node(): Promise<{ clock: ManualClock; model: ModelSystem }> {
  const clock = new ManualClock();
  return { clock, model: await targetNode({ clock }) };
}

describe("a fault", () => {
  it.each<[string, Partial<Fault>, string[]]>([
    ["the first of all operations", {}, ["EIO", "ok", "ok", "ok"]],
    ["the first op", { at: { method: "do" } }, ["ok", "EIO", "ok", "ok"]],
    ["the second op", { at: { method: "do" }, after: 1 }, ["ok", "ok", "EIO", "ok"]],
    ["each op from the second on", { at: { method: "do" }, after: 1, times: "for ever" }, ["ok", "ok", "EIO", "EIO"]],
    ["an op of a kind", { at: { op: "rmdir" } }, ["ok", "ok", "ok", "EIO"]],
    ["what is asked of a path", { at: { path: "/b$" }, times: "for ever" }, ["ok", "ok", "EIO", "ok"]],
    ["nothing that all of it does not match", { at: { method: "read", op: "mkdir" } }, ["ok", "ok", "ok", "ok"]],
  ])("befalls %s", async (_, where, results) => {
    const { model } = await node();
    const system = withFaults(model, [{ ...where, trouble: { is: "errno", errno: "EIO" } }]);
    const steps = [
      () => system.list(subsystems),
      () => system.do(make("a"), never),
      () => system.do(make("b"), never),
      () => system.do({ op: "rmdir", path: `${subsystems}/a` }, never),
    ];
    const seen: string[] = [];
    for (const step of steps) {
      // A subsystem that was not made cannot be removed: here only what the fault does counts.
      const result = await errnoOf(step());
      seen.push(result === "ENOENT" ? "ok" : result);
    }
    expect(seen).toEqual(results);
  });

  it("does nothing where it refuses, and names what it refused", async () => {
    const { model } = await node();
    const system = withFaults(model, [{ trouble: { is: "errno", errno: "ENOSPC" } }]);
    await expect(system.do(make("a"), never)).rejects.toThrow(`mkdir ${subsystems}/a: ENOSPC`);
    expect(await model.list(subsystems)).toEqual([]);
  });

  it("counts what it sees alone: the same node without it is as ever", async () => {
    const { model } = await node();
    const system = withFaults(model, [{ trouble: { is: "errno", errno: "EIO" } }]);
    await model.do(make("a"), never);
    expect(await errnoOf(system.do(make("b"), never))).toBe("EIO");
  });

  it("has as many places in a run as the run has operations, and each of them is another one", async () => {
    const run = async (system: Pick<ModelSystem, "list" | "do">) => {
      await system.list(subsystems);
      for (const name of ["a", "b"]) await system.do(make(name), never);
    };
    const { model } = await node();
    const counting = withFaults(model, []);
    await run(counting);
    expect(counting.operations).toEqual([
      { method: "list", path: subsystems },
      { method: "do", op: "mkdir", path: `${subsystems}/a` },
      { method: "do", op: "mkdir", path: `${subsystems}/b` },
    ]);
    const left: string[] = [];
    for (const [after] of counting.operations.entries()) {
      const fresh = await node();
      const system = withFaults(fresh.model, [{ after, trouble: { is: "errno", errno: "EIO" } }]);
      expect(await errnoOf(run(system))).toBe("EIO");
      left.push((await fresh.model.list(subsystems)).join());
    }
    expect(left).toEqual(["", "", "a"]);
  });

  it("reaches programs, connections and the node's own facts", async () => {
    const { model } = await node();
    const eio = { is: "errno", errno: "EIO" } as const;
    const system = withFaults(model, [
      { at: { path: "^echo hello" }, trouble: eio },
      { at: { path: "10.0.0.9:4420" }, trouble: { is: "errno", errno: "ENETUNREACH" } },
      { at: { method: "addresses" }, trouble: eio },
    ]);
    const program = async (...argv: [string, ...string[]]) => {
      const seen: Output[] = [];
      for await (const output of system.exec({ argv }, never)) seen.push(output);
      return seen.map(({ is }) => is).join();
    };
    expect(await program("echo", "bye")).toBe("stdout,exit");
    expect(await errnoOf(program("echo", "hello"))).toBe("EIO");
    expect(await errnoOf(system.dial({ address: "10.0.0.9", port: 4420 }, never))).toBe("ENETUNREACH");
    expect(await errnoOf(system.addresses())).toBe("EIO");
    expect(await system.hostname()).toBe("target");
  });

  it("lets no event be lost while it watches", async () => {
    const { model } = await node();
    const stop = new AbortController();
    const changes = withFaults(model, []).changes(stop.signal);
    model.plugDrive({ serial: "C", model: "M", size: 1e9 });
    const seen: string[] = [];
    for await (const { device = "" } of changes) {
      seen.push(device);
      if (device === "nvme2n1") stop.abort();
    }
    expect(seen[0]).toBe("nvme2");
  });
});

describe("an operation that hangs", () => {
  it.each<["before" | "after", number | undefined, string[], string[]]>([
    // At the deadline of a second; and after ten.
    ["before", undefined, ["a"], ["a"]],
    ["after", undefined, [], []],
    ["after", 5_000, [], ["a"]],
    ["after", 500, ["a"], ["a"]],
  ])("done %s a hang of %s ms", async (done, millis, soon, later) => {
    const { clock, model } = await node();
    const hang = { is: "hang", done, ...(millis === undefined ? {} : { millis }) } as const;
    const system = withFaults(model, [{ trouble: hang }]);
    const making = watched(system.do(make("a"), clock.now() + 1_000));
    await clock.advance(999);
    expect(making.result).toBe(millis === 500 ? "ok" : "waits");
    await clock.advance(1);
    expect(making.result).toBe(millis === 500 ? "ok" : "ETIMEDOUT");
    expect(await model.list(subsystems)).toEqual(soon);
    await clock.advance(9_000);
    expect(await model.list(subsystems)).toEqual(later);
  });

  it("is given up after ten seconds where it has no deadline of its own", async () => {
    const { clock, model } = await node();
    const system = withFaults(model, [{ trouble: { is: "hang", done: "before" } }]);
    const reading = watched(system.read("/etc/hostname"));
    await clock.advance(9_999);
    expect(reading.result).toBe("waits");
    await clock.advance(1);
    expect(reading.result).toBe("ETIMEDOUT");
    expect(await system.read("/etc/hostname")).toBe("target\n");
  });
});

describe.each(["kill", "power loss"] as const)("%s", (is) => {
  it.each<["before" | "after", string[]]>([
    ["before", ["a"]],
    ["after", ["a", "b"]],
  ])("%s an operation: it is never answered, and nothing after it is done", async (when, made) => {
    const { model } = await node();
    const system = withFaults(model, [{ at: { path: "/b$" }, trouble: { is, when } }]);
    await system.do(make("a"), never);
    const last = watched(system.do(make("b"), never));
    await system.ended;
    const next = watched(system.do(make("c"), never));
    await turns();
    expect([last.result, next.result]).toEqual(["waits", "waits"]);
    const after = watched(model.list(subsystems));
    await turns();
    expect(after.result).toBe(is === "kill" ? "ok" : "waits");
    if (is === "kill") expect(await model.list(subsystems)).toEqual(made);
  });

  it("leaves what was asked before it without an answer as well", async () => {
    const { clock, model } = await node();
    const system = withFaults(model, [
      { trouble: { is: "hang", done: "after", millis: 1_000 } },
      { at: { op: "rmdir" }, trouble: { is, when: "before" } },
    ]);
    const slow = watched(system.do(make("a"), 5_000));
    watched(system.do({ op: "rmdir", path: `${subsystems}/b` }, never));
    await clock.advance(10_000);
    expect(slow.result).toBe("waits");
  });
});
