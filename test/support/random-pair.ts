import fc from "fast-check";
import { createMemoryFabric } from "../../agent/system/model/fabric/memory-fabric.ts";
import { type KernelVersion, kernelVersions } from "../../agent/system/model/versions.ts";
import { formatDhchapKey } from "../../shared/nvme/dhchap.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import type { AgentNode } from "./agent-node.ts";
import { type Desk, deskOf } from "./desk.ts";
import { drivenNode, fastTime } from "./driven-node.ts";
import { freshUuid, type Tasks } from "./wanted.ts";

/** A task of a play over a target and an initiator. */
export interface PairTask {
  on: "target" | "initiator";
  task: Tasks[number];
}

const nqns = ["nqn.a", "nqn.b"];
const hostnqn = `nqn.2014-08.org.nvmexpress:uuid:${freshUuid}`;
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const key = (version: number) => formatDhchapKey(new Uint8Array(32).fill(version));

/** Each node knows a key by a name of its own. */
export const pairSecrets = {
  target: { "t@1": key(1), "t@2": key(2) },
  initiator: { "i@1": key(1), "i@2": key(2) },
};
const keyOf = (name: string) => fc.constantFrom("1", "2").map((version) => ({ secret: name, version }));

const ports = fc.constantFrom(1, 2).map((id) => ({ id, address: "10.0.0.1", service_id: 4420 + id }));

const onTarget = fc.oneof(
  { weight: 3, arbitrary: ports.map((port) => ({ nvmet_port: port })) },
  ports.map((port) => ({ nvmet_port: { ...port, state: "absent" } })),
  {
    weight: 6,
    arbitrary: fc.record({
      nvmet_subsystem: fc.record({
        nqn: fc.constantFrom(...nqns),
        allow_any_host: maybe(fc.boolean()),
        allowed_hosts: maybe(fc.constantFrom([hostnqn], ["nqn.stranger"], [])),
        namespaces: maybe(
          fc.array(
            fc.record({ nsid: fc.constantFrom(1, 2), device: fc.constantFrom("/dev/nvme0n1", "/dev/nvme1n1") }),
            { maxLength: 1 },
          ),
        ),
        ports: maybe(fc.subarray([1, 2])),
        exclusive: maybe(fc.boolean()),
      }),
    }),
  },
  fc.constantFrom(...nqns).map((nqn) => ({ nvmet_subsystem: { nqn, state: "absent" } })),
  fc.record({ nvmet_host: fc.record({ nqn: fc.constant(hostnqn), dhchap_key: maybe(keyOf("t")) }) }),
);

const onInitiator = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      nvme_connection: fc.record({
        nqn: fc.constantFrom(...nqns),
        paths: fc
          .subarray([1, 2], { minLength: 1 })
          .map((ids) => ids.map((id) => ({ address: "10.0.0.1", service_id: 4420 + id }))),
        dhchap_secret: maybe(keyOf("i")),
        exclusive: maybe(fc.boolean()),
        iopolicy: maybe(fc.constant("round-robin")),
      }),
    }),
  },
  fc.constantFrom(...nqns).map((nqn) => ({ nvme_connection: { nqn, state: "absent" } })),
  fc.constantFrom({ kernel_module: { name: "nvme-tcp" } }, { kernel_module: { name: "nvme-tcp", state: "absent" } }),
);

const pairTask: fc.Arbitrary<PairTask> = fc.oneof(
  onTarget.map((task) => ({ on: "target" as const, task })),
  onInitiator.map((task) => ({ on: "initiator" as const, task })),
);

/** What makes most tasks work: a port, and something exported through it. */
const usual: PairTask[] = [
  { on: "target", task: { nvmet_port: { id: 1, address: "10.0.0.1", service_id: 4421 } } },
  {
    on: "target",
    task: {
      nvmet_subsystem: {
        nqn: "nqn.a",
        allow_any_host: true,
        namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
        ports: [1],
      },
    },
  },
  {
    on: "initiator",
    task: { nvme_connection: { nqn: "nqn.a", paths: [{ address: "10.0.0.1", service_id: 4421 }] } },
  },
];

/** The same for one host alone, which proves a key: mostly the right one. */
const locked: fc.Arbitrary<PairTask[]> = fc.tuple(keyOf("t"), keyOf("i")).map(([theirs, mine]) => [
  { on: "target", task: { nvmet_host: { nqn: hostnqn, dhchap_key: theirs } } },
  ...usual.map(({ on, task }): PairTask => {
    if ("nvmet_port" in task) return { on, task };
    if (on === "initiator") return { on, task: { nvme_connection: { ...task.nvme_connection, dhchap_secret: mine } } };
    return {
      on,
      task: { nvmet_subsystem: { ...task.nvmet_subsystem, allow_any_host: false, allowed_hosts: [hostnqn] } },
    };
  }),
]);

export const pairStory = fc.record({
  kernels: fc.tuple(fc.constantFrom(...kernelVersions), fc.constantFrom(...kernelVersions)),
  /** Done for good before. */
  before: fc
    .tuple(fc.nat(3), fc.array(pairTask, { maxLength: 3 }))
    .map(([many, more]) => [...usual.slice(0, many), ...more]),
  tasks: fc
    .tuple(
      fc.oneof(fc.constant<PairTask[]>([]), fc.constant(usual), locked),
      fc.array(pairTask, { minLength: 1, maxLength: 6 }),
    )
    .map(([first, more]) => [...first, ...more]),
});

export interface Pair {
  nodes: Record<PairTask["on"], AgentNode>;
  desks: Record<PairTask["on"], Desk>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A target at 10.0.0.1 and an initiator at 10.0.0.2 on one network. */
export function newPair([target, initiator]: readonly [KernelVersion, KernelVersion]): Pair {
  const timeline = fastTime();
  const fabric = createMemoryFabric(timeline.background);
  const nodes = {
    target: drivenNode(timeline, { fabric, kernel: target, id: NodeId.parse("target") }),
    initiator: drivenNode(timeline, {
      fabric,
      kernel: initiator,
      id: NodeId.parse("initiator"),
      addresses: ["10.0.0.2/24"],
      drives: [],
    }),
  };
  return {
    nodes,
    desks: { target: deskOf(nodes.target), initiator: deskOf(nodes.initiator) },
    [Symbol.asyncDispose]: async () => {
      await nodes.initiator.system.stop();
      await nodes.target.system.stop();
    },
  };
}
