import { expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import type { System } from "../../../../agent/system/system.ts";
import { systemClock as clock, deadlineIn } from "../../../../shared/clock.ts";
import { modelNode } from "../../../support/agent-node.ts";

function remove(path: string, system: System) {
  const job = { progress: () => {}, effect: async () => {} };
  const context = { system, clock, deadline: deadlineIn(clock, 20_000), check: false, job };
  return runAction("file", { path, state: "absent" }, context);
}

/** On a model alone: a mistake here would take the machine of the tests with it. */
test.each([
  "/",
  "/etc",
  "/etc/",
  "/etc/passwd",
  "/mnt",
  "/proc/self",
  "/srv",
  "/srv/../etc",
  "/srv/data",
  "/tmp",
  "/usr/lib",
  "/usr/lib/modules/x",
  "/var/lib",
])("%s is never removed", async (path) => {
  const node = modelNode({
    files: { "/srv/data/mounted/f": "", "/usr/lib/modules/x/y": "", "/var/lib/a": "" },
    drives: [{ serial: "A", model: "QEMU NVMe Ctrl", size: 1e9 }],
  });
  node.mountDrive("nvme0n1", "/srv/data/mounted");
  await expect(remove(path, node)).rejects.toMatchObject({ code: "plan_refused" });
});

test("what lies below a folder of the system may be removed", async () => {
  const node = modelNode({ files: { "/etc/app/f": "", "/var/lib/app/f": "", "/opt/app/f": "" } });
  for (const path of ["/etc/app", "/var/lib/app", "/opt/app"]) {
    expect(await remove(path, node)).toMatchObject({ outcome: "changed" });
  }
});
