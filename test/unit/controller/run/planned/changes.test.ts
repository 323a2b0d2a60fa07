import { describe, expect, test } from "vitest";
import { changesOf } from "../../../../../controller/run/planned/changes.ts";
import { stateOf } from "../../../../../controller/run/planned/node-state.ts";
import type { Connection, Export, Report } from "../../../../../shared/protocol/report.ts";
import { reportOf } from "../../../../support/pair-evidence.ts";

const exported: Export = {
  nqn: "nqn.a",
  allowAnyHost: false,
  allowedHosts: ["host.1", "host.2"],
  namespaces: [
    { nsid: 1, uuid: "u1", nguid: "n1", device: "/dev/nvme0n1", size: 1000, enabled: true },
    { nsid: 2, uuid: "u2", nguid: "n2", device: "/dev/nvme1n1", enabled: true },
  ],
  ports: [
    { id: 1, transport: "tcp", address: "10.0.0.1", serviceId: "4421", listening: true },
    { id: 2, transport: "tcp", address: "10.0.0.2", serviceId: "4421", listening: true },
  ],
};
const path = { controller: "nvme1", transport: "tcp", address: "10.0.0.9", serviceId: "4420", state: "live" };
const connected: Connection = {
  nqn: "nqn.b",
  hostnqn: "host.1",
  subsystem: "nvme-subsys1",
  iopolicy: "numa",
  paths: [path, { ...path, controller: "nvme2", address: "10.0.1.9" }],
  namespaces: [{ nsid: 1, uuid: "u", nguid: "n", device: "/dev/nvme1n1", size: 9, anaStates: { nvme1: "optimized" } }],
};
const was: Partial<Report> = {
  generation: 4,
  exports: [exported, { ...exported, nqn: "nqn.c" }],
  connections: [connected],
  host: { hostnqn: "host.1", hostid: "h" },
};
const [first, second] = exported.ports;
const [disk] = exported.namespaces;

const told = (now: Partial<Report>) =>
  changesOf(stateOf(reportOf("flash01", was)), stateOf(reportOf("flash01", { ...was, ...now })));

describe("of a node it is told", () => {
  test.each<[string, Partial<Report>, string[]]>([
    ["that its spec was edited", { generation: 5 }, ["generation 4 → 5"]],
    ["that it has booted", { bootId: "another" }, ["it has booted since"]],
    ["that it is another host", { host: { hostnqn: "host.2" } }, ["its host NQN or host id is another"]],
    [
      "what exports came and went",
      { exports: [exported, { ...exported, nqn: "nqn.d" }] },
      ["does not export nqn.c any more", "exports nqn.d now"],
    ],
    [
      "that another host is let in",
      {
        exports: [
          { ...exported, allowedHosts: ["host.1"] },
          { ...exported, nqn: "nqn.c" },
        ],
      },
      ["exports nqn.a with other hosts"],
    ],
    [
      "that namespaces and ports are others",
      {
        exports: [
          { ...exported, namespaces: disk === undefined ? [] : [disk], ports: first === undefined ? [] : [first] },
          { ...exported, nqn: "nqn.c" },
        ],
      },
      ["exports nqn.a with other namespaces and ports"],
    ],
    ["that a connection went", { connections: [] }, ["is not connected to nqn.b any more"]],
    [
      "that a connection came",
      { connections: [connected, { ...connected, nqn: "nqn.e" }] },
      ["is connected to nqn.e now"],
    ],
    [
      "that a path went for good",
      { connections: [{ ...connected, paths: [path] }] },
      ["is connected to nqn.b with another set of paths"],
    ],
    [
      "that its disks are others, and whose host it is there",
      { connections: [{ ...connected, hostnqn: "host.2", namespaces: [] }] },
      ["is connected to nqn.b with another host NQN and set of disks"],
    ],
    [
      "all of it at once",
      { generation: 6, bootId: "b", exports: [], connections: [] },
      [
        "it has booted since",
        "generation 4 → 6",
        "does not export nqn.a any more",
        "does not export nqn.c any more",
        "is not connected to nqn.b any more",
      ],
    ],
  ])("%s", (_, now, sentences) => {
    expect(told(now)).toEqual(sentences);
  });

  test.each<[string, Partial<Report>]>([
    ["nothing at all differs", {}],
    [
      "a later moment, a later report, conditions",
      { at: 99, sequence: 7, settled: true, conditions: [{ code: "x", message: "y" }] },
    ],
    [
      "a path that reconnects, and ANA states",
      {
        connections: [
          {
            ...connected,
            paths: connected.paths.map((each) => ({ ...each, state: "connecting" })),
            namespaces: connected.namespaces.map((each) => ({ ...each, anaStates: {} })),
          },
        ],
      },
    ],
    [
      "names that the kernel numbers",
      {
        connections: [
          {
            ...connected,
            subsystem: "nvme-subsys9",
            paths: connected.paths.map((each) => ({ ...each, controller: "nvme9" })),
            namespaces: connected.namespaces.map((each) => ({ ...each, device: "/dev/nvme9n1" })),
          },
        ],
      },
    ],
    [
      "the order of things",
      {
        exports: [
          { ...exported, nqn: "nqn.c" },
          {
            ...exported,
            allowedHosts: exported.allowedHosts.toReversed(),
            namespaces: exported.namespaces.toReversed(),
            ports: exported.ports.toReversed(),
          },
        ],
        connections: [{ ...connected, paths: connected.paths.toReversed() }],
      },
    ],
    [
      "a listener that waits for its address",
      {
        exports: [
          { ...exported, ports: [first, second].flatMap((each) => (each ? [{ ...each, listening: false }] : [])) },
          { ...exported, nqn: "nqn.c" },
        ],
      },
    ],
  ])("nothing where there is %s", (_, now) => {
    expect(told(now)).toEqual([]);
  });

  test("that it does not answer, or did not", () => {
    const state = stateOf(reportOf("flash01"));
    expect(changesOf(state, undefined)).toEqual(["it does not answer"]);
    expect(changesOf(undefined, state)).toEqual(["it did not answer when the plan was made, and does now"]);
    expect(changesOf(undefined, undefined)).toEqual([]);
  });
});
