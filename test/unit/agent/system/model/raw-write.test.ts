import { describe, expect, it } from "vitest";
import { Errno } from "../../../../../agent/system/model/errno.ts";
import { createMemoryFabric } from "../../../../../agent/system/model/fabric/memory-fabric.ts";
import { walk } from "../../../../../agent/system/model/files/walk.ts";
import { Hardware } from "../../../../../agent/system/model/hardware.ts";
import { Machine } from "../../../../../agent/system/model/machine.ts";
import { execute } from "../../../../../agent/system/model/operations.ts";
import { countingRandom, ManualClock, nvmetRoot } from "./lab.ts";

const at = `${nvmetRoot}/subsystems/s/namespaces/1`;

/** A machine with one namespace, below the System that an agent sees. */
async function machineWith(kernel: string): Promise<Machine> {
  const hardware = new Hardware({
    hostname: "n",
    kernel,
    drives: [],
    addresses: [],
    fabric: createMemoryFabric(),
    clock: new ManualClock(),
    random: countingRandom(),
  });
  const machine = new Machine(hardware);
  await execute(machine, { op: "modprobe", name: "nvmet", parameters: {} });
  await execute(machine, { op: "mountConfigfs" });
  for (const path of [`${nvmetRoot}/subsystems/s`, at]) await execute(machine, { op: "mkdir", path });
  return machine;
}

/** One write(2). */
async function write(machine: Machine, path: string, text: string): Promise<string> {
  const { entry } = walk(machine.root, path, true);
  if (entry.kind !== "file") throw new Error(`${path} is no file`);
  try {
    await entry.write?.(text);
    return "ok";
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
}

describe("a write that no agent makes", () => {
  it.each([
    ["5.10", "ok"],
    ["5.15", "EFAULT"],
    ["6.12", "EFAULT"],
  ])("7: of nothing gives on %s %s", async (kernel, errno) => {
    expect(await write(await machineWith(kernel), `${at}/enable`, "")).toBe(errno);
  });

  it("8: of more than a page is cut, and what is left is stored", async () => {
    const machine = await machineWith("6.12");
    expect(await write(machine, `${at}/device_path`, `/${"a".repeat(5000)}`)).toBe("EIO");
    const { entry } = walk(machine.root, `${at}/device_path`, true);
    expect(entry.kind === "file" && entry.read?.()).toBe(`/${"a".repeat(4094)}\n`);
  });
});
