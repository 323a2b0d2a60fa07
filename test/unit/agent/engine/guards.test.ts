import { beforeEach, describe, expect, test } from "vitest";
import { checkGuard } from "../../../../agent/engine/guards.ts";
import type { Guard } from "../../../../agent/engine/step.ts";
import type { ModelSystem } from "../../../../agent/system/model/model-system.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { modelNode } from "../../../support/agent-node.ts";

const device = "/dev/nvme0n1";

let system: ModelSystem;
beforeEach(() => {
  system = modelNode({ files: { "/srv/disk.img": { size: 1e6 } } });
});

async function verdict(guard: Guard, overrides: readonly string[] = []): Promise<string> {
  try {
    await checkGuard(guard, system, systemClock, new Set(overrides));
    return "holds";
  } catch (error) {
    return error instanceof Error && "code" in error ? `${error.code}: ${error.message}` : String(error);
  }
}

async function identityOf(name: string) {
  const read = async (path: string) => (await system.read(`/sys/block/${name}/${path}`)).trim();
  return { wwid: await read("wwid"), serial: await read("device/serial"), size: Number(await read("size")) * 512 };
}

describe("that no controller uses a transport", () => {
  test("holds where none is connected", async () => {
    expect(await verdict({ guard: "no controllers", transport: "tcp" })).toBe("holds");
  });
});

describe("that no host is connected over RDMA", () => {
  const guard: Guard = { guard: "no sessions", transport: "rdma", address: "10.0.0.1", port: 4420 };

  test("holds where none is, which iproute2 tells", async () => {
    expect(await verdict(guard)).toBe("holds");
  });

  test("does not hold where that cannot be seen, but with the override", async () => {
    system = modelNode({ programsMissing: ["rdma"] });
    expect(await verdict(guard)).toBe("device_in_use: who is connected to 10.0.0.1:4420 over RDMA cannot be seen");
    expect(await verdict(guard, ["10.0.0.1:4420"])).toBe("holds");
  });
});

describe("that a device is free", () => {
  test("holds for a drive and a file that nobody uses", async () => {
    expect(await verdict({ guard: "free", device })).toBe("holds");
    expect(await verdict({ guard: "free", device: "/srv/disk.img" })).toBe("holds");
  });

  test("names everything that uses it, and yields to the override of that name alone", async () => {
    system.mountDrive("nvme0n1", "/data");
    system.openByProcess("nvme0n1", 812, "postgres");
    expect(await verdict({ guard: "free", device })).toBe(
      "device_in_use: /dev/nvme0n1 is in use: /dev/nvme0n1 mounted at /data; /dev/nvme0n1 open in process 812 (postgres)",
    );
    expect(await verdict({ guard: "free", device }, ["/dev/nvme1n1"])).toContain("device_in_use");
    expect(await verdict({ guard: "free", device }, [device])).toBe("holds");
  });

  test("does not hold for a device that is not there, override or not", async () => {
    system.unplugDrive("nvme0n1");
    expect(await verdict({ guard: "free", device }, [device])).toBe("device_absent: there is no /dev/nvme0n1");
  });

  test("does not hold for another drive under the same name, override or not", async () => {
    const identity = await identityOf("nvme0n1");
    expect(await verdict({ guard: "free", device, identity })).toBe("holds");
    system.unplugDrive("nvme0n1");
    expect(system.plugDrive({ serial: "STRANGER", model: "QEMU NVMe Ctrl", size: 1e9 })).toBe("nvme0n1");
    expect(await verdict({ guard: "free", device, identity }, [device])).toBe(
      "device_changed: /dev/nvme0n1 is another drive now: serial STRANGER, not A",
    );
  });

  test("does not hold for the same drive with another size", async () => {
    const identity = await identityOf("nvme0n1");
    system.resizeDrive("nvme0n1", 4e9);
    expect(await verdict({ guard: "free", device, identity })).toContain("device_changed");
  });
});

describe("that somebody answers", () => {
  test("does not hold where nothing listens", async () => {
    expect(await verdict({ guard: "answers", address: "10.0.0.1", port: 4420 })).toBe(
      "kernel_refused: nothing answers at 10.0.0.1:4420",
    );
  });
});
