import { type Fault, type FaultySystem, type Operation, withFaults } from "../../agent/system/model/faults.ts";
import type { ModelSystem } from "../../agent/system/model/model-system.ts";
import type { System } from "../../agent/system/system.ts";
import { type NodeOptions, startFleet, type TestFleet } from "./fleet.ts";
import { renderTree } from "./render-tree.ts";

const gigabyte = 1_000_000_000;

/** A system whose faults can be changed while an agent works on it. */
interface Armed extends System {
  arm(faults: readonly Fault[]): FaultySystem;
}

function armed(system: ModelSystem): Armed {
  let view = withFaults(system, []);
  return {
    arm: (faults) => {
      view = withFaults(system, faults);
      return view;
    },
    read: (path) => view.read(path),
    list: (path) => view.list(path),
    readlink: (path) => view.readlink(path),
    realpath: (path) => view.realpath(path),
    stat: (path) => view.stat(path),
    openExclusive: (path) => view.openExclusive(path),
    do: (op, deadline) => view.do(op, deadline),
    exec: (command, deadline) => view.exec(command, deadline),
    dial: (to, deadline) => view.dial(to, deadline),
    addresses: () => view.addresses(),
    hostname: () => view.hostname(),
    changes: (signal) => view.changes(signal),
  };
}

export interface PairFleet extends TestFleet {
  /** From now on these happen on a node; none: nothing does. Gives what the node is asked from now on. */
  arm(node: string, faults?: readonly Fault[]): FaultySystem;
  /** An agent in place of one that was killed. */
  revive(node: string): Promise<void>;
  /** The node after its power was lost, with an agent. */
  bootAgain(node: string): Promise<void>;
  /** Drives of volumes that were removed are free again. */
  wipeReleased(): Promise<void>;
  /** What both ends have: nvmet's tree, connections, disks. Names that the kernel or the controller draws are numbered. */
  world(): Promise<string[]>;
}

/** 10 MB on each of the targets. */
const volumeFile = "/srv/volume.img";

export const pairNodes: Record<string, NodeOptions> = {
  flash01: {
    label: "flash",
    addresses: ["10.20.1.1/16", "10.30.1.1/16"],
    drives: [1, 2].map((number) => ({ serial: `A${number}`, model: "SSD", size: 2 * number * gigabyte })),
    files: { [volumeFile]: "" },
  },
  flash02: {
    label: "flash",
    addresses: ["10.20.1.2/16", "10.30.1.2/16"],
    drives: [{ serial: "B1", model: "SSD", size: 2 * gigabyte }],
    files: { [volumeFile]: "" },
  },
  db01: { label: "databases", addresses: ["10.20.2.1/16", "10.30.2.1/16"] },
  db02: { label: "databases", addresses: ["10.20.2.2/16", "10.30.2.2/16"] },
};

/** Targets and initiators with two NICs each, on which things can go wrong. */
export async function startPairFleet(nodes: Record<string, NodeOptions> = pairNodes): Promise<PairFleet> {
  const views = new Map<string, Armed>();
  const options = Object.entries(nodes).map(([name, each]): [string, NodeOptions] => [
    name,
    {
      ...each,
      through: (system) => {
        const view = armed(system);
        views.set(name, view);
        return view;
      },
    },
  ]);
  const fleet = await startFleet({ nodes: Object.fromEntries(options) });
  for (const { system } of Object.values(fleet.nodes))
    if ((await system.stat(volumeFile).catch(() => undefined)) !== undefined)
      system.startProcess().truncate(volumeFile, 10_000_000);
  return Object.assign(fleet, {
    arm: (node: string, faults: readonly Fault[] = []) => {
      const view = views.get(node);
      if (view === undefined) throw new Error(`the fleet has no ${node}`);
      return view.arm(faults);
    },
    revive: async (name: string) => {
      const node = fleet.node(name);
      // Nothing that the killed one waits for will ever come.
      void node.agent.close();
      await node.bus.close();
      await node.start();
    },
    bootAgain: async (name: string) => {
      const node = fleet.node(name);
      void node.agent.close();
      await node.bus.close();
      node.system = await node.system.boot();
      await node.start();
    },
    wipeReleased: async () => {
      const drives = (await fleet.cli("drive", "list", "-o", "json")).lines();
      for (const { node, device, state } of drives)
        if (state === "dirty") await fleet.cli("drive", "wipe", String(node), String(device), "--yes");
    },
    world: async () => numbered(await treesOf(fleet), await hostsOf(fleet)),
  });
}

async function treesOf({ nodes }: TestFleet): Promise<string[]> {
  const trees = Object.entries(nodes).map(async ([name, { system }]) =>
    [...(await renderTree(system)), ...(await pathsOf(system))].map((line) => `${name} ${line}`),
  );
  return (await Promise.all(trees)).flat();
}

async function pathsOf(system: ModelSystem): Promise<string[]> {
  const names = await system.list("/sys/class/nvme").catch(() => []);
  const paths = names.map(async (name) => {
    const read = (file: string) => system.read(`/sys/class/nvme/${name}/${file}`).then(String, () => "");
    const parts = await Promise.all(["subsysnqn", "address", "state"].map(read));
    return parts[1] === "" || parts[1]?.startsWith("0000:") === true
      ? []
      : [`path ${parts.map((part) => part.trim()).join(" ")}`];
  });
  return (await Promise.all(paths)).flat();
}

/** Names of the nodes by the uuids of their host NQNs. */
async function hostsOf({ nodes }: TestFleet): Promise<Map<string, string>> {
  const hosts = Object.entries(nodes).map(async ([name, { system }]): Promise<[string, string]> => {
    const nqn = await system.read("/etc/nvme/hostnqn").then(String, () => "");
    return [nqn.trim().split(":").at(-1) ?? "", `host-${name}`];
  });
  return new Map(await Promise.all(hosts));
}

/** A disk that is there again has another number, a volume that is made again another uuid. */
function numbered(lines: readonly string[], hosts: ReadonlyMap<string, string>): string[] {
  const names = new Map(hosts);
  const nameOf = (drawn: string) => {
    const known = names.get(drawn) ?? `drawn-${names.size}`;
    names.set(drawn, known);
    return known;
  };
  return lines
    .map((line) =>
      line
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, nameOf)
        .replace(/attr_serial = .*/, "attr_serial = drawn")
        .replace(
          /(\/sys\/class\/nvme|\/sys\/class\/nvme-subsystem|\/sys\/block)\/(nvme-subsys|nvme)\d+(c\d+)?/,
          "$1/$2",
        ),
    )
    .sort();
}

/** Of what a node was asked, what changes it. */
export function changesOf(operations: readonly Operation[]): Operation[] {
  return operations.filter(({ method }) => method === "do");
}
