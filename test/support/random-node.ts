import fc from "fast-check";
import { createMemoryFabric, type MemoryFabric } from "../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelSystem } from "../../agent/system/model/model-system.ts";
import type { Timeline } from "../../agent/system/model/snapshot/timeline.ts";
import { type KernelVersion, kernelVersions } from "../../agent/system/model/versions.ts";
import type { AgentNode } from "./agent-node.ts";
import { drivenNode, fastTime } from "./driven-node.ts";
import { targetTasks } from "./random-spec.ts";
import type { Tasks } from "./wanted.ts";

/** A node with a past: what it was told, what people and programs did to it, whom it is connected to. */
export interface RandomNode {
  node: AgentNode;
  /** A target that it can connect to, at 10.0.0.9:4420. */
  peer: AgentNode;
  fabric: MemoryFabric;
  timeline: Timeline;
  [Symbol.asyncDispose](): Promise<void>;
}

const disk = fc.constantFrom("nvme0n1", "nvme1n1", "nvme2n1");
const port = fc.constantFrom(4421, 4422, 4500);

type Deed = (node: ModelSystem) => unknown;

/** Things that happen on a node without flashfleet. */
const deed: fc.Arbitrary<Deed> = fc.oneof(
  disk.map(
    (name): Deed =>
      (node) =>
        node.mountDrive(name, `/srv/${name}`),
  ),
  disk.map(
    (name): Deed =>
      (node) =>
        node.hold(name, "dm-0"),
  ),
  disk.map(
    (name): Deed =>
      (node) =>
        node.swapOn(name),
  ),
  fc.tuple(disk, fc.constantFrom(812, 4711)).map(
    ([name, pid]): Deed =>
      (node) =>
        node.openByProcess(name, pid, "postgres"),
  ),
  port.map(
    (number): Deed =>
      (node) =>
        node.occupyPort("10.0.0.1", number),
  ),
  port.map(
    (number): Deed =>
      (node) =>
        node.occupyPort("0.0.0.0", number),
  ),
  disk.map(
    (name): Deed =>
      (node) =>
        node.unplugDrive(name),
  ),
  disk.map(
    (name): Deed =>
      (node) =>
        node.resizeDrive(name, 5e8),
  ),
);

export const peerNqn = "nqn.peer";
const peerPath = { address: "10.0.0.9", service_id: 4420 };
export const importing: Tasks = [{ nvme_connection: { nqn: peerNqn, paths: [peerPath] } }];
const exporting: Tasks = [
  { nvmet_port: { id: 1, address: "10.0.0.9", service_id: 4420 } },
  {
    nvmet_subsystem: {
      nqn: peerNqn,
      allow_any_host: true,
      namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
      ports: [1],
    },
  },
];

export interface Past {
  kernel: KernelVersion;
  readOnly: boolean;
  tasks: Tasks;
  before: readonly Deed[];
  after: readonly Deed[];
  imports: boolean;
  isImported: boolean;
}

export const past = (kernel: fc.Arbitrary<KernelVersion> = fc.constantFrom(...kernelVersions)): fc.Arbitrary<Past> =>
  fc.record({
    kernel,
    readOnly: fc.boolean(),
    tasks: fc.oneof(fc.constant<Tasks>([]), targetTasks),
    before: fc.array(deed, { maxLength: 2 }),
    after: fc.array(deed, { maxLength: 3 }),
    imports: fc.boolean(),
    isImported: fc.boolean(),
  });

/** What was plugged out cannot be plugged out again. */
function attempt(work: Deed, node: ModelSystem): void {
  try {
    work(node);
  } catch {
    // Then it did not happen.
  }
}

export async function nodeWithPast({ kernel, readOnly, tasks, before, after, imports, isImported }: Past) {
  const timeline = fastTime();
  const fabric = createMemoryFabric(timeline.background);
  const drives = ["A", "B", "C"].map((serial, index) => ({
    serial,
    model: "QEMU NVMe Ctrl",
    size: 1e9,
    readOnly: readOnly && index === 1,
  }));
  const node = drivenNode(timeline, { drives, kernel, fabric, files: { "/srv/volume.img": { size: 1e9 } } });
  const peer = drivenNode(timeline, { kernel, fabric, hostname: "peer", addresses: ["10.0.0.9/24"] });
  await peer.converge(exporting);
  for (const each of before) attempt(each, node.system);
  await node.converge(tasks, { patience: 0 });
  if (imports) await node.converge(importing);
  if (isImported) {
    await peer.converge([{ nvme_connection: { nqn: "nqn.a", paths: [{ address: "10.0.0.1", service_id: 4421 }] } }], {
      patience: 0,
    });
  }
  for (const each of after) attempt(each, node.system);
  const random: RandomNode = {
    node,
    peer,
    fabric,
    timeline,
    [Symbol.asyncDispose]: async () => {
      await node.system.stop();
      await peer.system.stop();
    },
  };
  return random;
}
