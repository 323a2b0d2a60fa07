import { expect, test } from "vitest";
import { type DriveView, drivesOf, holdersOf } from "../../../../controller/fleet/drives.ts";
import type { Volume } from "../../../../controller/pairing/volume.ts";
import type { DriveFacts } from "../../../../shared/protocol/facts.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import { volume } from "../../../support/pair-evidence.ts";

const flash = NodeId.parse("flash01");
const empty: DriveFacts = {
  name: "nvme0n1",
  path: "/dev/nvme0n1",
  by_id: ["/dev/disk/by-id/nvme-SSD_A1", "/dev/disk/by-id/nvme-eui.1"],
  serial: "A1",
  model: "SSD",
  wwid: "eui.1",
  size: 2e9,
  read_only: false,
  uses: [],
  signature: "",
};
const left = (drive: string) => ({ drive, volume: "db01/old", legs: [], at: Date.UTC(2026, 10, 23) });
const mounted = [{ device: "/dev/nvme0n1", says: "mounted at /srv" }];

interface Case {
  facts?: Partial<DriveFacts>;
  volumes?: Volume[];
  dirty?: string;
}

test.each<[string, Case, Partial<DriveView>]>([
  ["without anything in the way is free", {}, { state: "free", reasons: [], device: "/dev/disk/by-id/nvme-eui.1" }],
  [
    "of a volume is that volume's, though it is in use by its export",
    { volumes: [volume], facts: { uses: mounted } },
    { state: "volume", volume: "db01/data" },
  ],
  [
    "that a volume has by its name on this node is that volume's, too: of what is replicated each target has a drive of its own",
    {
      volumes: [
        {
          ...volume,
          drive: "replicated flash01 flash02 /dev/nvme0n1",
          legs: volume.legs.map((leg) => ({ ...leg, device: "/dev/nvme0n1" })),
        },
      ],
    },
    { state: "volume", volume: "db01/data" },
  ],
  [
    "that was a volume's is dirty, and says whose and since when",
    { dirty: "eui.1" },
    { state: "dirty", volume: "db01/old", removed: Date.UTC(2026, 10, 23) },
  ],
  [
    "that was a volume's and is mounted by now is in use first",
    { dirty: "eui.1", facts: { uses: mounted } },
    { state: "in use", volume: "db01/old" },
  ],
  [
    "with a file system has a signature",
    { facts: { signature: "ext4" } },
    { state: "signature", reasons: ["there is ext4 on it"] },
  ],
  ["of an agent that cannot tell what is on it is unknown", { facts: { signature: undefined } }, { state: "unknown" }],
  ["that cannot be written to is read-only", { facts: { read_only: true, signature: "ext4" } }, { state: "read-only" }],
])("a drive %s", (_, { facts, volumes = [], dirty }, wanted) => {
  const { signature: _signature, ...rest } = { ...empty, ...facts };
  const signature = facts !== undefined && "signature" in facts ? facts.signature : "";
  const told: DriveFacts = signature === undefined ? rest : { ...rest, signature };
  const known = new Map(dirty === undefined ? [] : [[dirty, left(dirty)]]);
  const [drive] = drivesOf(flash, [told], holdersOf(volumes), known);
  expect(drive).toMatchObject({ node: "flash01", serial: "A1", id: "eui.1", ...wanted });
});
