import { describe, expect, it } from "vitest";
import { Errno } from "../../../../../agent/system/model/errno.ts";
import type { Process } from "../../../../../agent/system/model/process.ts";
import { build, connectTo, disks, exportBoth, never, nqnA, pair, turns } from "./lab.ts";

const enable = `subsystems/${nqnA}/namespaces/1/enable`;

async function connected(kernel: string) {
  const nodes = await pair({ initiator: kernel });
  await exportBoth(nodes.target);
  await nodes.initiator.do(connectTo(nqnA), never);
  await turns();
  const process = nodes.initiator.startProcess();
  return { ...nodes, process, descriptor: process.open("/dev/nvme2n1", { access: "read" }) };
}

async function readOf(process: Process, descriptor: number): Promise<number | string> {
  try {
    return (await process.read(descriptor, 4096, 0)).length;
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
}

describe("a disk that goes while a process has it open", () => {
  it.each([
    ["5.10", ["nvme2n1"], "EIO", ["nvme2c2n2", "nvme2n1", "nvme2n2"]],
    ["5.15", [], 0, ["nvme2c2n2", "nvme2n2"]],
    ["6.12", [], 0, ["nvme2c2n2", "nvme2n2"]],
  ])("on %s", async (kernel, gone, read, back) => {
    const { target, initiator, process, descriptor } = await connected(kernel);
    expect(await readOf(process, descriptor)).toBe(4096);
    await build(target, [["write", enable, "0", "ok"]]);
    await turns();
    expect(await disks(initiator)).toEqual(gone);
    expect(await readOf(process, descriptor)).toBe(read);
    await build(target, [["write", enable, "1", "ok"]]);
    await turns();
    expect(await disks(initiator)).toEqual(back);
    expect(await readOf(process, descriptor)).toBe(read);
    process.close(descriptor);
    expect(await disks(initiator)).toEqual(["nvme2c2n2", "nvme2n2"]);
  });

  it("keeps its subsystem with it on 5.10, until it is closed", async () => {
    const { initiator, process, descriptor } = await connected("5.10");
    await initiator.do({ op: "write", path: "/sys/class/nvme/nvme2/delete_controller", value: "1" }, never);
    expect(await disks(initiator)).toEqual(["nvme2n1"]);
    expect(await initiator.list("/sys/class/nvme-subsystem")).toContain("nvme-subsys2");
    process.close(descriptor);
    expect(await disks(initiator)).toEqual([]);
    expect(await initiator.list("/sys/class/nvme-subsystem")).not.toContain("nvme-subsys2");
  });

  it("is found among the open files of a process", async () => {
    const { initiator, process, descriptor } = await connected("6.12");
    const [pid = ""] = (await initiator.list("/proc")).filter((name) => /^\d+$/.test(name));
    expect(await initiator.readlink(`/proc/${pid}/fd/3`)).toBe("/dev/nvme2n1");
    process.close(descriptor);
    expect((await initiator.list("/proc")).filter((name) => /^\d+$/.test(name))).toEqual([]);
  });
});

describe("a controller of a subsystem that was made anew", () => {
  it("shows the serial number that its subsystem had", async () => {
    const { clock, target, initiator } = await connected("6.12");
    const serial = () => initiator.read("/sys/class/nvme/nvme2/serial");
    const before = await serial();
    const subsystem = `subsystems/${nqnA}`;
    await build(target, [
      ["unlink", `ports/1/subsystems/${nqnA}`, "ok"],
      ["write", enable, "0", "ok"],
    ]);
    const host = (await target.list(`/sys/kernel/config/nvmet/${subsystem}/allowed_hosts`))[0] ?? "";
    const uuid = (await target.read(`/sys/kernel/config/nvmet/${subsystem}/namespaces/1/device_uuid`)).trim();
    await build(target, [
      ["rmdir", `${subsystem}/namespaces/1`, "ok"],
      ["unlink", `${subsystem}/allowed_hosts/${host}`, "ok"],
      ["rmdir", subsystem, "ok"],
      ["mkdir", subsystem, "ok"],
      ["write", `${subsystem}/attr_serial`, "another", "ok"],
      ["link", `${subsystem}/allowed_hosts/${host}`, `hosts/${host}`, "ok"],
      ["mkdir", `${subsystem}/namespaces/1`, "ok"],
      ["write", `${subsystem}/namespaces/1/device_path`, "/dev/nvme0n1", "ok"],
      ["write", `${subsystem}/namespaces/1/device_uuid`, uuid, "ok"],
      ["write", enable, "1", "ok"],
      ["link", `ports/1/subsystems/${nqnA}`, subsystem, "ok"],
    ]);
    await turns();
    await clock.advance(2000);
    expect(await initiator.read("/sys/class/nvme/nvme2/state")).toBe("live\n");
    expect(await serial()).toBe(before);
  });
});
