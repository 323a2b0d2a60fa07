import { describe, expect, test } from "vitest";
import { gatherFacts } from "../../../../agent/observe/facts.ts";
import { intercept } from "../../../../agent/system/intercept.ts";
import { type Fault, withFaults } from "../../../../agent/system/model/faults.ts";
import type { ModelSystem } from "../../../../agent/system/model/model-system.ts";
import type { System } from "../../../../agent/system/system.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { modelNode } from "../../../support/agent-node.ts";
import { fastTime } from "../../../support/driven-node.ts";

/** The magic of LVM, where libblkid looks for it. */
const lvm = { at: 0x218, bytes: Buffer.from("LVM2 001") };
const state = "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/state";

const signatures = async (system: System) =>
  (await gatherFacts(system, systemClock)).drives.map(({ signature }) => signature);

const lvmOn = (system: ModelSystem, name: string) => system.writeBlocks(name, lvm.at, lvm.bytes);

/** The drives' first one, as udev has recorded it. */
async function recorded(system: ModelSystem, ...properties: string[]): Promise<string> {
  const number = (await system.read("/sys/class/block/nvme0n1/dev")).trim();
  const content = ["S:disk/by-id/nvme-A", "I:812345", ...properties.map((each) => `E:${each}`), "G:systemd", ""];
  const path = `/run/udev/data/b${number}`;
  await system.do({ op: "replace", path, content: content.join("\n"), mode: 0o644 }, systemClock.now() + 1000);
  return path;
}

/** Programs that were run on drives. */
function programs(system: ModelSystem, faults: readonly Fault[] = []) {
  const view = withFaults(system, faults);
  const run = () => view.operations.filter(({ method }) => method === "exec").map(({ path }) => path);
  return { view, run };
}

describe("what lies on drives", () => {
  test("is read of drives that nobody uses; nothing that is known is an empty text", async () => {
    const system = modelNode();
    await lvmOn(system, "nvme1n1");
    const { view, run } = programs(system);
    expect(await signatures(view)).toEqual(["", "LVM2_member"]);
    expect(run()).toEqual(["wipefs --no-act --json /dev/nvme0n1", "wipefs --no-act --json /dev/nvme1n1"]);
  });

  test.each([
    ["a file system", ["ID_FS_TYPE=ext4", "ID_FS_USAGE=filesystem"], "ext4"],
    ["a partition table", ["ID_PART_TABLE_UUID=1-2", "ID_PART_TABLE_TYPE=gpt"], "gpt"],
    ["both", ["ID_PART_TABLE_TYPE=dos", "ID_FS_TYPE=vfat"], "vfat"],
  ])("is what udev found, and the drive is not opened: %s", async (_, properties, signature) => {
    const system = modelNode();
    await recorded(system, ...properties);
    const { view, run } = programs(system);
    expect(await signatures(view)).toEqual([signature, ""]);
    expect(run()).toEqual(["wipefs --no-act --json /dev/nvme1n1"]);
  });

  test("is not taken for nothing because udev has not noticed it", async () => {
    const system = modelNode();
    await recorded(system, "ID_FS_TYPE=", "ID_SERIAL=A", "ID_PART_TABLE_TYPE=");
    await lvmOn(system, "nvme0n1");
    expect(await signatures(system)).toEqual(["LVM2_member", ""]);
  });

  test("of a drive in use is what udev says, or untold: it is never opened for this", async () => {
    const system = modelNode();
    await recorded(system, "ID_FS_TYPE=xfs");
    system.mountDrive("nvme0n1", "/data");
    system.hold("nvme1n1", "dm-0");
    const { view, run } = programs(system);
    expect(await signatures(view)).toEqual(["xfs", undefined]);
    expect(run()).toEqual([]);
  });

  test("cannot be told without util-linux, nor where the program fails", async () => {
    expect(await signatures(modelNode({ programsMissing: ["wipefs"] }))).toEqual([undefined, undefined]);
    const failing = modelNode();
    const view = intercept(failing, {
      exec: (command, deadline) => failing.exec({ ...command, argv: ["false"] }, deadline),
    });
    expect(await signatures(view)).toEqual([undefined, undefined]);
  });

  test.each(["resetting", "connecting", "dead"])("is not read while the controller is %s", async (is) => {
    const system = modelNode();
    const { view, run } = programs(system);
    const troubled = intercept(view, { read: async (path) => (path === state ? `${is}\n` : view.read(path)) });
    expect(await signatures(troubled)).toEqual([undefined, ""]);
    expect(run()).toEqual(["wipefs --no-act --json /dev/nvme1n1"]);
  });

  test("of a drive that hangs is given up on, and the others are told", async () => {
    const time = fastTime();
    const system = modelNode({ clock: time.background });
    await lvmOn(system, "nvme1n1");
    const hang = { is: "hang", done: "before" } as const;
    const { view } = programs(system, [{ at: { method: "exec", path: "nvme0n1$" }, trouble: hang }]);
    const began = time.foreground.now();
    const facts = await time.drive(gatherFacts(view, time.foreground));
    expect(facts.drives.map(({ signature }) => signature)).toEqual([undefined, "LVM2_member"]);
    expect(time.foreground.now() - began).toBeLessThanOrEqual(5000);
  });

  test("of 24 drives is read of several at a time, and not of all", async () => {
    const drives = Array.from({ length: 24 }, (_, index) => ({ serial: `S${index}`, model: "M", size: 1e9 }));
    const system = modelNode({ drives });
    let [now, most] = [0, 0];
    const counted = intercept(system, {
      exec: async function* (command, deadline) {
        most = Math.max(most, ++now);
        yield* system.exec(command, deadline);
        now--;
      },
    });
    await lvmOn(system, "nvme17n1");
    expect((await signatures(counted)).indexOf("LVM2_member")).toBe(17);
    expect(most).toBe(8);
  });
});
