import { describe, expect, test } from "vitest";
import type { Pin } from "../../../../agent/kinds/kind.ts";
import { drive, namespace, port, seen, subsystem } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { memoryOf, planFor } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
const drives = [drive("nvme0n1")];
const derived = "7c78a26f-df50-888f-97a8-b8cf5d2accd5";
const want = (more: object) => [
  { nvmet_subsystem: { nqn, namespaces: [{ nsid: 1, device: "/dev/nvme0n1", ...more }] } },
];
const having = (...namespaces: ReturnType<typeof namespace>[]) => ({ subsystems: [subsystem(nqn, { namespaces })] });
const pinned = (more: Pin = {}): Record<string, Pin> => ({
  "nvmet_subsystem nqn.s namespace 1": {
    device: "/dev/nvme0n1",
    wwid: "nvme.S-nvme0n1",
    serial: "S-nvme0n1",
    size: 1e9,
    uuid,
    ...more,
  },
});
const create = "create namespace | create namespace 1 of nqn.s | none";
const enable = (device: string) => `enable namespace | enable namespace 1 of nqn.s on ${device} | none | if free`;

describe("a namespace", () => {
  testPlans({
    "that is not there gives directory, identity, and enable last, if the device is free": {
      seen: seen({ nvmet: having(), drives }),
      want: want({ uuid }),
      gives: [
        create,
        `create namespace | set device_path to /dev/nvme0n1, device_uuid to ${uuid} of namespace 1 of nqn.s | none`,
        enable("/dev/nvme0n1"),
      ],
    },
    "without a uuid gets one that is the same on every boot": {
      seen: seen({ nvmet: having(), drives }),
      want: want({}),
      gives: [
        create,
        `create namespace | set device_path to /dev/nvme0n1, device_uuid to ${derived} of namespace 1 of nqn.s | none`,
        enable("/dev/nvme0n1"),
      ],
    },
    "that we made and never enabled does not keep the uuid that the kernel drew": {
      seen: seen({ nvmet: having(namespace(1, { enable: "0", device_path: "" })), drives }),
      owned: ["namespace nqn.s 1"],
      want: want({}),
      gives: [
        `create namespace | set device_path to /dev/nvme0n1, device_uuid to ${derived} (was ${uuid}) of namespace 1 of nqn.s | none`,
        enable("/dev/nvme0n1"),
      ],
    },
    "as it is wanted gives nothing, an NGUID in either form": {
      seen: seen({ nvmet: having(namespace(1, { device_nguid: "00112233-4455-6677-8899-aabbccddeeff" })), drives }),
      want: want({ uuid, nguid: "00112233445566778899AABBCCDDEEFF", ana_group: 1, buffered_io: false }),
      gives: [],
    },
    "that is enabled on the same drive under another name gives nothing": {
      seen: seen({ nvmet: having(namespace(1, { device_path: "/dev/disk/by-id/nvme-S-nvme0n1" })), drives }),
      want: want({}),
      gives: [],
    },
    "that is enabled with another uuid is refused: its initiators would lose the disk": {
      seen: seen({ nvmet: having(namespace(1)), drives }),
      want: want({ uuid: "22222222-aaaa-4bbb-8ccc-000000000002" }),
      gives: [
        `refused plan_refused: cannot set device_uuid to 22222222-aaaa-4bbb-8ccc-000000000002 (was ${uuid}) of namespace 1 of nqn.s: it is enabled, and its initiators would lose the disk`,
      ],
    },
    "that is enabled takes another ANA group as it is": {
      seen: seen({ nvmet: having(namespace(1)), drives }),
      want: want({ ana_group: 2 }),
      gives: ["create namespace | set ana_grpid to 2 (was 1) of namespace 1 of nqn.s | none"],
    },
    "without a device is refused": {
      seen: seen({ nvmet: having(), drives }),
      want: want({ device: undefined }),
      gives: ["refused bad_argument: cannot create namespace 1 of nqn.s: it has no device"],
    },
    "on a drive that is not there is made and waited for": {
      seen: seen({ nvmet: having() }),
      want: want({}),
      gives: [create, "wait for device /dev/nvme0n1"],
    },
    "on a file is left to the step that opens it": {
      seen: seen({ nvmet: having() }),
      want: want({ device: "/srv/disk.img", uuid }),
      gives: [
        create,
        `create namespace | set device_path to /srv/disk.img, device_uuid to ${uuid} of namespace 1 of nqn.s | none`,
        enable("/srv/disk.img"),
      ],
    },
    "that is wanted disabled is made and not enabled": {
      seen: seen({ nvmet: having(), drives }),
      want: want({ uuid, enabled: false }),
      gives: [
        create,
        `create namespace | set device_path to /dev/nvme0n1, device_uuid to ${uuid} of namespace 1 of nqn.s | none`,
      ],
    },
    "that is enabled and wanted disabled gives the disable, if nobody is connected": {
      seen: seen({ nvmet: { ...having(namespace(1)), ports: [port(1, { links: [nqn] })] }, drives }),
      want: want({ enabled: false }),
      gives: ["disable namespace | disable namespace 1 of nqn.s | data risk | if no sessions"],
    },
    "that is ours and a tombstone gives disable and removal": {
      seen: seen({ nvmet: having(namespace(1)), drives }),
      owned: ["namespace nqn.s 1"],
      want: want({ state: "absent" }),
      gives: [
        "disable namespace | disable namespace 1 of nqn.s | data risk",
        "remove namespace | remove namespace 1 of nqn.s | none",
      ],
    },
    "that is not ours and a tombstone is refused": {
      seen: seen({ nvmet: having(namespace(1)), drives }),
      want: want({ state: "absent" }),
      gives: ["refused not_ours: cannot remove namespace 1 of nqn.s: flashfleet did not create it"],
    },
    "that is gone and a tombstone gives nothing": {
      seen: seen({ nvmet: having(), drives }),
      want: want({ state: "absent" }),
      gives: [],
    },
    "that the task does not name stays, and goes when it is exclusive and ours": {
      seen: seen({ nvmet: having(namespace(1), namespace(2, { enable: "0" }), namespace(3)), drives }),
      owned: ["namespace nqn.s 2"],
      want: [{ nvmet_subsystem: { nqn, namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }], exclusive: true } }],
      gives: ["remove namespace | remove namespace 2 of nqn.s | none"],
    },
  });
});

describe("a pinned drive", () => {
  const disabled = having(namespace(1, { enable: "0", device_path: "/dev/nvme0n1" }));
  const moved = drive("nvme5n1", { serial: "S-nvme0n1", wwid: "nvme.S-nvme0n1" });
  const growing = { ...namespace(1), revalidates: true };
  const stranger = drive("nvme0n1", { serial: "OTHER", wwid: "nvme.OTHER" });

  testPlans({
    "that is where it was gives the enable": {
      seen: seen({ nvmet: disabled, drives }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [enable("/dev/nvme0n1")],
    },
    "that has another name now is found under it, though the old name is another drive": {
      seen: seen({ nvmet: disabled, drives: [stranger, moved] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        "create namespace | set device_path to /dev/nvme5n1 (was /dev/nvme0n1) of namespace 1 of nqn.s | none",
        enable("/dev/nvme5n1"),
      ],
    },
    "whose name another drive has taken is not exported": {
      seen: seen({ nvmet: disabled, drives: [stranger] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        "refused device_changed: cannot export /dev/nvme0n1: it is another drive now (serial OTHER, wwid nvme.OTHER, 1000000000 bytes) than the one exported before (serial S-nvme0n1, wwid nvme.S-nvme0n1, 1000000000 bytes)",
      ],
    },
    "that has grown is exported": {
      seen: seen({ nvmet: disabled, drives: [drive("nvme0n1", { size: 2e9 })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [enable("/dev/nvme0n1")],
    },
    "that has shrunk is not exported": {
      seen: seen({ nvmet: disabled, drives: [drive("nvme0n1", { size: 5e8 })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        "refused device_changed: cannot export /dev/nvme0n1: it has 500000000 bytes, and had 1000000000 when it was exported",
      ],
    },
    "that has shrunk may be wanted disabled": {
      seen: seen({ nvmet: disabled, drives: [drive("nvme0n1", { size: 5e8 })] }),
      memory: { pins: pinned() },
      want: want({ enabled: false }),
      gives: [],
    },
    "that has neither wwid nor serial is another one with another size": {
      seen: seen({ nvmet: disabled, drives: [drive("nvme0n1", { wwid: "", serial: "", size: 2e9 })] }),
      memory: { pins: pinned({ wwid: "", serial: "" }) },
      want: want({}),
      gives: [
        "refused device_changed: cannot export /dev/nvme0n1: it is another drive now (serial , wwid , 2000000000 bytes) than the one exported before (serial , wwid , 1000000000 bytes)",
      ],
    },
    "of the same serial from another maker is not exported": {
      seen: seen({ nvmet: disabled, drives: [drive("nvme0n1", { wwid: "nvme.OTHER" })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        "refused device_changed: cannot export /dev/nvme0n1: it is another drive now (serial S-nvme0n1, wwid nvme.OTHER, 1000000000 bytes) than the one exported before (serial S-nvme0n1, wwid nvme.S-nvme0n1, 1000000000 bytes)",
      ],
    },
    "that is exported is left as it is, whatever has its name now": {
      seen: seen({ nvmet: having(growing), drives: [drive("nvme0n1", { serial: "OTHER", size: 2e9 })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [],
    },
    "that is exported and has grown gives a look at its size, which hosts are told": {
      seen: seen({ nvmet: having(growing), drives: [drive("nvme0n1", { size: 2e9 })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        "enable namespace | tell hosts of namespace 1 of nqn.s that it has grown to 2000000000 bytes (was 1000000000) | none",
      ],
    },
    "that is exported and has grown is left where the kernel cannot look at its size again": {
      seen: seen({ nvmet: having({ ...growing, revalidates: false }), drives: [drive("nvme0n1", { size: 2e9 })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [],
    },
    "that is exported and has shrunk is refused": {
      seen: seen({ nvmet: having(growing), drives: [drive("nvme0n1", { size: 5e8 })] }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        "refused device_changed: cannot export /dev/nvme0n1: it has 500000000 bytes, and had 1000000000 when it was exported",
      ],
    },
    "of a namespace that was recreated gets its uuid again": {
      seen: seen({ nvmet: having(), drives }),
      memory: { pins: pinned() },
      want: want({}),
      gives: [
        create,
        `create namespace | set device_path to /dev/nvme0n1, device_uuid to ${uuid} of namespace 1 of nqn.s | none`,
        enable("/dev/nvme0n1"),
      ],
    },
    "does not count when the task names another device": {
      seen: seen({ nvmet: disabled, drives: [...drives, drive("nvme1n1")] }),
      memory: { pins: pinned() },
      want: want({ device: "/dev/nvme1n1" }),
      gives: [
        "create namespace | set device_path to /dev/nvme1n1 (was /dev/nvme0n1) of namespace 1 of nqn.s | none",
        enable("/dev/nvme1n1"),
      ],
    },
  });

  test("is forgotten with its namespace: what is declared anew may be another one", () => {
    const plan = planFor(want({ state: "absent" }), seen({ nvmet: having(), drives }), memoryOf({ pins: pinned() }));
    expect(plan.pins["nvmet_subsystem nqn.s namespace 1"]).toEqual({});
  });

  test("is forgotten when an exclusive list does not name its namespace", () => {
    const tasks = [{ nvmet_subsystem: { nqn, namespaces: [], exclusive: true } }];
    const plan = planFor(tasks, seen({ nvmet: having(), drives }), memoryOf({ pins: pinned() }));
    expect(plan.pins["nvmet_subsystem nqn.s namespace 1"]).toEqual({});
  });

  test("is pinned by the plan that first meets it", () => {
    const plan = planFor(want({ uuid }), seen({ nvmet: having(), drives }), memoryOf());
    expect(plan.pins["nvmet_subsystem nqn.s namespace 1"]).toEqual({
      device: "/dev/nvme0n1",
      wwid: "nvme.S-nvme0n1",
      serial: "S-nvme0n1",
      size: 1e9,
      uuid,
      nguid: undefined,
    });
  });

  test("is guarded by what it is, not by its name alone", () => {
    const plan = planFor(want({ uuid }), seen({ nvmet: having(), drives }), memoryOf());
    expect(plan.steps.at(-1)?.guards).toMatchObject([
      { guard: "free", device: "/dev/nvme0n1", identity: { wwid: "nvme.S-nvme0n1", serial: "S-nvme0n1", size: 1e9 } },
    ]);
  });
});
