import { describe, expect, test } from "vitest";
import { standingOf } from "../../../../controller/run/covered-hosts.ts";
import type { ReportedPath } from "../../../../shared/protocol/report.ts";

const path = (controller: string, address: string, state = "live"): ReportedPath => ({
  controller,
  transport: "tcp",
  address,
  serviceId: "4420",
  state,
});
const disk = (anaStates: Record<string, string>) => ({
  nsid: 1,
  uuid: "u",
  nguid: "",
  device: "/dev/x",
  size: 1,
  anaStates,
});
const here = ({ address }: ReportedPath) => address === "10.0.0.1";

describe("a host's disks while a target is down", () => {
  const both = [path("nvme0", "10.0.0.1"), path("nvme1", "10.0.0.2")];
  test.each([
    ["stay with another path that carries them", both, [disk({ nvme0: "optimized", nvme1: "optimized" })], "kept"],
    ["stay with one that is not the best", both, [disk({ nvme0: "optimized", nvme1: "non-optimized" })], "kept"],
    ["stay where the kernel shows no state", both, [disk({ nvme0: "", nvme1: "" })], "kept"],
    ["stay where nothing of them is from there", [path("nvme1", "10.0.0.2")], [disk({ nvme1: "optimized" })], "kept"],
    ["go with the only path", [path("nvme0", "10.0.0.1")], [disk({ nvme0: "optimized" })], "lost"],
    [
      "go where the other path does not carry them",
      both,
      [disk({ nvme0: "optimized", nvme1: "inaccessible" })],
      "lost",
    ],
    [
      "go where one of several is on this path alone",
      both,
      [disk({ nvme0: "optimized", nvme1: "optimized" }), disk({ nvme0: "optimized", nvme1: "inaccessible" })],
      "lost",
    ],
    ["are not yet known where the other path was not scanned", both, [disk({ nvme0: "optimized" })], "pending"],
    [
      "are not yet known while the other path comes up",
      [path("nvme0", "10.0.0.1"), path("nvme1", "10.0.0.2", "connecting")],
      [disk({ nvme0: "optimized", nvme1: "optimized" })],
      "pending",
    ],
    [
      "go where the other path is being taken away",
      [path("nvme0", "10.0.0.1"), path("nvme1", "10.0.0.2", "deleting")],
      [disk({ nvme0: "optimized", nvme1: "optimized" })],
      "lost",
    ],
    ["go where there are none, and this is the only path", [path("nvme0", "10.0.0.1")], [], "lost"],
  ] as const)("%s", (_, paths, namespaces, expected) => {
    expect(standingOf({ paths: [...paths], namespaces: [...namespaces] }, here)).toBe(expected);
  });
});
