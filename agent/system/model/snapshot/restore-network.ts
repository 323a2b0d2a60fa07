import { parseKernelInteger } from "../../../observe/kernel-integer.ts";
import { canonicalAddress, isWildcard } from "../ip.ts";
import type { Machine } from "../machine.ts";
import { serve } from "../nvmet/serve.ts";
import type { Port } from "../nvmet/state.ts";
import type { Snapshot } from "./snapshot.ts";

const bare = (address: string) => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");

/** Where a port of nvmet listens over TCP; undefined for others. */
function endpointOf({ address: { trtype, traddr, trsvcid } }: Port): { address: string; port: number } | undefined {
  const port = parseKernelInteger(trsvcid);
  return trtype === "tcp" && port > 0 ? { address: traddr, port } : undefined;
}

/** Whether hosts are connected to a port. */
export function hasSessions({ nvmet }: Snapshot, port: Port): boolean {
  const at = endpointOf(port);
  return at !== undefined && nvmet.sessions.some(({ local }) => isAt(local, at));
}

function isAt(local: { address: string; port: number }, at: { address: string; port: number }): boolean {
  const same = canonicalAddress(bare(local.address)) === canonicalAddress(at.address);
  return local.port === at.port && (isWildcard(at.address) || same);
}

/** Listening sockets in the order in which they were found: nvmet's answer, the others only take their address. */
export async function restoreNetwork(machine: Machine, { seen, nvmet, rdma }: Snapshot): Promise<void> {
  machine.network.rdma = rdma;
  const waiting = new Set([...machine.nvmet.ports].filter((port) => port.enabled));
  for (const { address, port: number } of seen.listeners) {
    const port = [...waiting].find((each) => {
      const at = endpointOf(each);
      return at?.port === number && canonicalAddress(at.address) === canonicalAddress(address);
    });
    if (port === undefined) {
      machine.network.occupy(address, number);
      continue;
    }
    waiting.delete(port);
    const at = { transport: "tcp", address, port: number };
    port.listening = await machine.network.restore(at, (incoming) => serve(machine.nvmet, port, incoming));
  }
  for (const port of waiting) {
    const { trtype: transport, traddr: address, trsvcid } = port.address;
    if (transport !== "loop" && transport !== "rdma") continue;
    const at = { transport, address, port: transport === "loop" ? 0 : parseKernelInteger(trsvcid) };
    port.listening = await machine.network.restore(at, (incoming) => serve(machine.nvmet, port, incoming));
  }
  for (const { local, remote } of nvmet.sessions) {
    const session = { local: local.address, port: local.port, remote: remote.address };
    // The other end may be this node's own initiator.
    const isOwn = machine.network.has(bare(remote.address)) && isConnected(machine, local);
    machine.network.recall(session, isOwn ? () => isConnected(machine, local) : undefined);
  }
}

function isConnected({ initiator }: Machine, local: { address: string; port: number }): boolean {
  return [...initiator.controllers.values()].some(
    ({ state, settings: { transport, traddr, trsvcid } }) =>
      state === "live" && transport === "tcp" && isAt(local, { address: traddr, port: parseKernelInteger(trsvcid) }),
  );
}
