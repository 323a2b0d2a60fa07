import { describe, expect, test } from "vitest";
import { buildReport } from "../../../agent/report.ts";
import { NodeId } from "../../../shared/protocol/ids.ts";
import { Report } from "../../../shared/protocol/report.ts";
import { connected, controller, drive, namespace, port, seen, subsystem } from "../../support/observed.ts";
import { specOf } from "../../support/wanted.ts";

const node = NodeId.parse("n1");
const parts = { node, sequence: 7, bootId: "b", at: 5, conditions: [] };
const declared = specOf([
  { nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }, { address: "10.0.1.1" }] } },
]);
const nothing = specOf([]);

describe("a node's report", () => {
  test("says of an export on a file or volume how large it is", () => {
    const observed = seen({
      sizes: new Map([["/srv/disk.img", 4096]]),
      nvmet: { subsystems: [subsystem("nqn.s", { namespaces: [namespace(1, { device_path: "/srv/disk.img" })] })] },
    });
    const { exports } = buildReport(observed, { ...parts, spec: nothing });
    expect(exports).toMatchObject([{ namespaces: [{ device: "/srv/disk.img", size: 4096 }] }]);
  });

  test("lists a connection with the paths that the spec expects, whether they are there or not", () => {
    const { connections } = buildReport(seen({ subsystems: [connected("nqn.s")] }), { ...parts, spec: declared });
    expect(connections).toMatchObject([
      {
        nqn: "nqn.s",
        expected: [{ address: "10.0.0.1" }, { address: "10.0.1.1" }],
        paths: [{ controller: "nvme1", state: "live", address: "10.0.0.1" }],
        namespaces: [{ device: "/dev/nvme1n1", size: 1e9 }],
      },
    ]);
  });

  test.each([
    ["as its files say it", { hostnqn: "nqn.h", hostid: "5c0e" }],
    ["as far as it has one", { hostnqn: "nqn.h" }],
    ["of a node that has none", {}],
  ])("tells the node's own identity, %s", (_, host) => {
    expect(Report.parse(buildReport(seen({ host }), { ...parts, spec: nothing })).host).toEqual(host);
  });

  test("lists a declared connection of which nothing is there", () => {
    expect(buildReport(seen(), { ...parts, spec: declared }).connections).toMatchObject([
      { nqn: "nqn.s", paths: [], namespaces: [], expected: [{ address: "10.0.0.1" }, { address: "10.0.1.1" }] },
    ]);
  });

  test.each([
    ["by the well-known NQN", connected("nqn.2014-08.org.nvmexpress.discovery", { namespaces: [] })],
    [
      "by a unique NQN and the controller's type",
      connected("nqn.disc", {
        namespaces: [],
        controllers: [controller("nvme1", { attributes: { cntrltype: "discovery" } })],
      }),
    ],
  ])("leaves out a persistent discovery controller, known %s: it never has a disk", (_, discovery) => {
    expect(buildReport(seen({ subsystems: [discovery] }), { ...parts, spec: nothing }).connections).toEqual([]);
  });

  test("says of an export whether its port listens, and how large its drive is", () => {
    const observed = seen({
      drives: [drive("nvme0n1")],
      nvmet: {
        subsystems: [subsystem("nqn.s", { namespaces: [namespace(1, { device_path: "/dev/nvme0n1", enable: "1" })] })],
        ports: [port(1, { links: ["nqn.s"] })],
      },
    });
    const silent = buildReport(observed, { ...parts, spec: nothing });
    expect(silent.exports).toMatchObject([{ nqn: "nqn.s", ports: [{ id: 1, listening: false }] }]);
    const listening = buildReport(
      { ...observed, listeners: [{ address: "0.0.0.0", port: 4420 }] },
      { ...parts, spec: nothing },
    );
    expect(listening.exports).toMatchObject([
      {
        ports: [{ listening: true }],
        namespaces: [{ device: "/dev/nvme0n1", enabled: true, size: observed.drives[0]?.size }],
      },
    ]);
  });
});
