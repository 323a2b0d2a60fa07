import { describe, expect, test } from "vitest";
import type { FabricsSubsystem } from "../../../../agent/observe/observed.ts";
import { Secret } from "../../../../shared/secret.ts";
import { bare, connected, controller, disk, seen } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { currentOf, freshUuid, memoryOf, planFor } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const host = { hostnqn: "nqn.host", hostid: "11111111-2222-4333-8444-555555555555" };
const one = [{ address: "10.0.0.1" }];
const two = [...one, { address: "10.0.1.1" }];
const ours = ["path nqn.s tcp 10.0.0.1:4420", "path nqn.s tcp 10.0.1.1:4420"];
const want = (more: object) => [{ nvme_connection: { nqn, paths: one, ...more } }];
const having = (...subsystems: FabricsSubsystem[]) => seen({ host, subsystems });
const both = connected(nqn, { controllers: [controller("nvme1"), controller("nvme2", { address: "10.0.1.1" })] });
const connect = (at: string) => `connect | connect nqn.s over tcp ${at} | none | if answers`;
const ref = { secret: "key", version: "1" };

describe("nvme_connection", () => {
  testPlans({
    "nothing connected gives a connect for each path, if somebody answers": {
      seen: having(),
      want: want({ paths: two }),
      gives: [connect("10.0.0.1:4420"), connect("10.0.1.1:4420")],
    },
    "nothing loaded and no identity gives the module and an identity first": {
      seen: bare(),
      want: want({}),
      gives: [
        "load module | load kernel module nvme_tcp | none",
        `host identity | create the host identity: nqn.2014-08.org.nvmexpress:uuid:${freshUuid}, host id ${freshUuid} | none`,
        connect("10.0.0.1:4420"),
      ],
    },
    "a kernel without the transport is refused": {
      seen: bare(["nvme_tcp"]),
      want: want({ paths: [{ transport: "rdma", address: "10.0.0.1" }] }),
      gives: ["refused module_missing: cannot load kernel module nvme_rdma: Linux 6.12.0 has no such module"],
    },
    "no paths are refused": {
      seen: having(),
      want: [{ nvme_connection: { nqn } }],
      gives: ["refused bad_argument: cannot connect nqn.s: it has no paths"],
    },
    "the connection as it is wanted gives nothing": {
      seen: having(both),
      want: want({ paths: two, iopolicy: "numa" }),
      gives: [],
    },
    "one path of two gives the other": {
      seen: having(connected(nqn)),
      want: want({ paths: two }),
      gives: [connect("10.0.1.1:4420")],
    },
    "a path that reconnects is waited for, not connected again": {
      seen: having(connected(nqn, { controllers: [controller("nvme1", { state: "connecting" })] })),
      want: want({}),
      gives: ["wait for nvme1 (tcp 10.0.0.1:4420) to become live, it is connecting"],
    },
    "a path that has not been live yet is waited for, beside one that is": {
      seen: having(
        connected(nqn),
        connected(nqn, {
          name: "",
          iopolicy: undefined,
          namespaces: [],
          controllers: [controller("nvme2", { address: "10.0.1.1", state: "connecting" })],
        }),
      ),
      want: want({ paths: two }),
      gives: ["wait for nvme2 (tcp 10.0.1.1:4420) to become live, it is connecting"],
    },
    "a dead path is connected again": {
      seen: having(connected(nqn, { controllers: [controller("nvme1", { state: "dead" })] })),
      want: want({}),
      gives: [connect("10.0.0.1:4420")],
    },
    "a connection without a disk is waited for": {
      seen: having(connected(nqn, { namespaces: [] })),
      want: want({}),
      gives: ["wait for a block device of nqn.s"],
    },
    "a disk of no size is no disk": {
      seen: having(connected(nqn, { namespaces: [disk("nvme1n1", { size: 0 })] })),
      want: want({}),
      gives: ["wait for a block device of nqn.s"],
    },
    "another host's connection on the same node is not ours": {
      seen: having(connected(nqn, { controllers: [controller("nvme1", { hostnqn: "nqn.other" })] })),
      want: want({}),
      gives: [connect("10.0.0.1:4420")],
    },
    "an option that this kernel does not know is refused": {
      seen: seen({
        host,
        fabrics: {
          present: true,
          options: new Set(["transport", "traddr", "trsvcid", "nqn", "hostnqn", "hostid", "ctrl_loss_tmo"]),
          subsystems: [],
        },
      }),
      want: want({ fast_io_fail_tmo: 5, tls: true }),
      gives: [
        "refused kernel_lacks: cannot connect nqn.s with fast_io_fail_tmo, tls: this kernel's nvme-fabrics does not know them",
      ],
    },
    "a key that the node was not given is refused": {
      seen: having(),
      want: want({ dhchap_secret: ref }),
      gives: ["refused key_missing: cannot connect nqn.s: this node was not given version 1 of key"],
    },
    "another iopolicy and timeouts give writes, of our own controllers alone": {
      seen: having(both),
      owned: ours.slice(0, 1),
      want: want({ paths: two, iopolicy: "round-robin", ctrl_loss_tmo: 25, fast_io_fail_tmo: 5, reconnect_delay: 10 }),
      gives: [
        "tune | set iopolicy of nqn.s to round-robin (was numa) | none",
        "tune | set ctrl_loss_tmo to 25 (was off), fast_io_fail_tmo to 5 (was off) of nvme1 | none",
      ],
    },
    "a timeout that reads back rounded up to the delay gives nothing": {
      seen: having(
        connected(nqn, {
          controllers: [
            controller("nvme1", {
              attributes: { ctrl_loss_tmo: "30", reconnect_delay: "10", fast_io_fail_tmo: "off" },
            }),
          ],
        }),
      ),
      owned: ours,
      want: want({ ctrl_loss_tmo: 25, fast_io_fail_tmo: -1 }),
      gives: [],
    },
    "an iopolicy on a kernel without multipath is refused": {
      seen: having(connected(nqn, { iopolicy: undefined })),
      want: want({ iopolicy: "numa" }),
      gives: ["refused kernel_lacks: cannot set iopolicy numa of nqn.s: this kernel runs without NVMe multipath"],
    },
    "another version of the key gives a write that does not show it": {
      seen: having(
        connected(nqn, { controllers: [controller("nvme1", { keys: { dhchap_secret: new Secret("old") } })] }),
      ),
      owned: ours,
      memory: { secret: () => new Secret("new") },
      want: want({ dhchap_secret: ref }),
      gives: ["tune | set dhchap_secret of nvme1 to [secret] | none"],
    },
    "the same key, or one of a path that somebody else connected, gives nothing": {
      seen: having(
        connected(nqn, {
          controllers: [
            controller("nvme1", { keys: { dhchap_secret: new Secret("new") } }),
            controller("nvme2", { address: "10.0.1.1", keys: { dhchap_secret: new Secret("theirs") } }),
          ],
        }),
      ),
      owned: ours.slice(0, 1),
      memory: { secret: () => new Secret("new") },
      want: want({ paths: two, dhchap_secret: ref }),
      gives: [],
    },
    "a key for a path that was connected without one is refused": {
      seen: having(connected(nqn, { controllers: [controller("nvme1", { keys: { dhchap_secret: undefined } })] })),
      owned: ours,
      memory: { secret: () => new Secret("new") },
      want: want({ dhchap_secret: ref }),
      gives: ["refused plan_refused: cannot set dhchap_secret of nvme1: it was connected without one"],
    },
    "exclusive disconnects our path that is not named, since another is live": {
      seen: having(both),
      owned: ours,
      want: want({ exclusive: true }),
      gives: ["disconnect | disconnect nqn.s over tcp 10.0.1.1:4420 (nvme2) | path loss"],
    },
    "exclusive leaves a path that somebody else connected": {
      seen: having(both),
      owned: ours.slice(0, 1),
      want: want({ exclusive: true }),
      gives: [],
    },
  });

  test("says everything to the kernel, since it assumes otherwise: service id, identity, and to try for ever", () => {
    const memory = memoryOf({ secret: () => new Secret("DHHC-1:00:x:") });
    const more = {
      paths: [{ ...one[0], host_interface: "eth1" }],
      nr_io_queues: 4,
      hdr_digest: true,
      data_digest: false,
    };
    const [step] = planFor(want({ ...more, dhchap_secret: ref }), having(), memory).steps;
    expect(step?.ops).toEqual([
      {
        op: "connect",
        options: {
          transport: "tcp",
          traddr: "10.0.0.1",
          trsvcid: "4420",
          nqn,
          ...host,
          ctrl_loss_tmo: -1,
          host_iface: "eth1",
          nr_io_queues: 4,
          hdr_digest: true,
          dhchap_secret: expect.any(Secret),
        },
      },
    ]);
    expect(JSON.stringify(step)).not.toContain("DHHC");
  });

  test("current gives what is connected, whoever did it", () => {
    expect(currentOf("nvme_connection", having(connected(nqn)))).toMatchObject([
      { nqn, iopolicy: "numa", paths: [{ transport: "tcp", address: "10.0.0.1", service_id: "4420" }] },
    ]);
  });
});

describe("a connection that is to be absent", () => {
  const absent = [{ nvme_connection: { nqn, state: "absent" } }];
  testPlans({
    "gives a disconnect of every path, if the disk is free": {
      seen: having(both),
      owned: ours,
      want: absent,
      gives: [
        "disconnect | disconnect nqn.s over tcp 10.0.0.1:4420 (nvme1) | data risk | if free",
        "disconnect | disconnect nqn.s over tcp 10.0.1.1:4420 (nvme2) | data risk | if free",
      ],
    },
    "is refused for the path that somebody else connected": {
      seen: having(both),
      owned: ours.slice(0, 1),
      want: absent,
      gives: [
        "disconnect | disconnect nqn.s over tcp 10.0.0.1:4420 (nvme1) | data risk | if free",
        "refused not_ours: cannot remove nvme2, the connection to nqn.s over tcp 10.0.1.1:4420: flashfleet did not create it",
      ],
    },
    "disconnects also what has not been live yet": {
      seen: having(
        connected(nqn, { name: "", namespaces: [], controllers: [controller("nvme1", { state: "connecting" })] }),
      ),
      owned: ours,
      want: absent,
      gives: ["disconnect | disconnect nqn.s over tcp 10.0.0.1:4420 (nvme1) | data risk"],
    },
    "leaves another host's connection": {
      seen: having(connected(nqn, { controllers: [controller("nvme1", { hostnqn: "nqn.other" })] })),
      owned: ours,
      want: absent,
      gives: [],
    },
    "gives nothing where nothing is connected": { seen: having(), want: absent, gives: [] },
  });
});
