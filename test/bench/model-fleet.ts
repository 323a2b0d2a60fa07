import { randomBytes } from "node:crypto";
import { observe } from "../../agent/observe/observe.ts";
import { createMemoryFabric } from "../../agent/system/model/fabric/memory-fabric.ts";
import { createModelNode, type ModelSystem } from "../../agent/system/model/model-system.ts";
import type { Op } from "../../agent/system/system.ts";
import { deadlineIn, systemClock } from "../../shared/clock.ts";

/** A modelled machine of a benchmark, on one fabric with all others. */
export interface FleetNode {
  name: string;
  address: string;
  system: ModelSystem;
}

/** Addresses of a /24 that are used. */
const perNetwork = 250;
const gigabyte = 1_000_000_000;
/** Milliseconds. Nothing here takes that long. */
const patience = 60_000;

/** Names a node by its number, from 0, and gives it an address. */
export function identityOf(index: number): Pick<FleetNode, "name" | "address"> {
  const address = `10.1.${Math.floor(index / perNetwork)}.${(index % perNetwork) + 1}`;
  return { name: `node-${String(index + 1).padStart(4, "0")}`, address };
}

/** Modelled machines with so many drives of two terabytes each, from a number on; nothing is loaded on them. */
export function makeFleet(count: number, drives: number, first = 0): FleetNode[] {
  const fabric = createMemoryFabric();
  return Array.from({ length: count }, (_, index) => {
    const { name, address } = identityOf(first + index);
    const system = createModelNode({
      hostname: name,
      drives: Array.from({ length: drives }, (_each, number) => ({
        serial: `${name}-${number}`,
        model: "Flash 2000",
        size: 2000 * gigabyte,
      })),
      addresses: [`${address}/8`],
      fabric,
      clock: systemClock,
      random: (length) => randomBytes(length),
    });
    return { name, address, system };
  });
}

export const nqnOf = ({ name }: Pick<FleetNode, "name">) => `nqn.2026-01.bench:${name}`;

const nvmet = "/sys/kernel/config/nvmet";

/** What exports the first drive to anybody, as people do it by hand. */
function exportOps(node: FleetNode): Op[] {
  const subsystem = `${nvmet}/subsystems/${nqnOf(node)}`;
  const namespace = `${subsystem}/namespaces/1`;
  const port = `${nvmet}/ports/1`;
  const write = (path: string, value: string): Op => ({ op: "write", path, value });
  return [
    { op: "modprobe", name: "nvmet-tcp", parameters: {} },
    { op: "mountConfigfs" },
    { op: "mkdir", path: subsystem },
    write(`${subsystem}/attr_allow_any_host`, "1"),
    { op: "mkdir", path: namespace },
    write(`${namespace}/device_path`, "/dev/nvme0n1"),
    write(`${namespace}/enable`, "1"),
    { op: "mkdir", path: port },
    write(`${port}/addr_trtype`, "tcp"),
    write(`${port}/addr_adrfam`, "ipv4"),
    write(`${port}/addr_traddr`, node.address),
    write(`${port}/addr_trsvcid`, "4420"),
    { op: "symlink", path: `${port}/subsystems/${nqnOf(node)}`, to: subsystem },
  ];
}

function connectOps(target: FleetNode): Op[] {
  return [
    { op: "modprobe", name: "nvme-tcp", parameters: {} },
    {
      op: "connect",
      options: { transport: "tcp", traddr: target.address, trsvcid: "4420", nqn: nqnOf(target), ctrl_loss_tmo: -1 },
    },
  ];
}

async function doAll({ system }: FleetNode, ops: readonly Op[]): Promise<void> {
  for (const op of ops) await system.do(op, deadlineIn(systemClock, patience));
}

/** Each node exports its first drive and is connected to the next one's, the last to the first one's. */
export async function connectRing(fleet: readonly FleetNode[]): Promise<void> {
  for (const node of fleet) await doAll(node, exportOps(node));
  for (const [index, node] of fleet.entries()) {
    const next = fleet[(index + 1) % fleet.length];
    if (next !== undefined) await doAll(node, connectOps(next));
  }
  // The disks come after the connects have returned.
  for (const { system } of fleet) {
    while (!(await hasDisk(system))) await new Promise((turn) => setImmediate(turn));
  }
}

async function hasDisk(system: ModelSystem): Promise<boolean> {
  const { fabrics } = await observe(system, ["fabrics"]);
  return fabrics.subsystems.some(({ namespaces }) => namespaces.length > 0);
}
