import { parseKernelInteger } from "../../../observe/kernel-integer.ts";
import { canonicalAddress, isWildcard } from "../ip.ts";
import type { Machine } from "../machine.ts";
import { serve } from "../nvmet/serve.ts";
import type { Port } from "../nvmet/state.ts";
import type { Snapshot } from "./snapshot.ts";

const bare = (address: string) => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");

interface Endpoint {
  address: string;
  port: number;
}

/** Where a port of nvmet listens over a transport; undefined for others. */
function endpointOver(transport: string, { address: { trtype, traddr, trsvcid } }: Port): Endpoint | undefined {
  const port = parseKernelInteger(trsvcid);
  return trtype === transport && port > 0 ? { address: traddr, port } : undefined;
}

/** Connections to nvmet that were found. */
function sessionsOf({ nvmet }: Snapshot): { transport: string; local: Endpoint; remote: Endpoint }[] {
  return [
    ...nvmet.sessions.map(({ local, remote }) => ({ transport: "tcp", local, remote })),
    ...(nvmet.rdmaSessions ?? []).map(({ local, peer }) => ({ transport: "rdma", local, remote: peer })),
  ];
}

/** Whether hosts are connected to a port. */
export function hasSessions(snapshot: Snapshot, port: Port): boolean {
  return sessionsOf(snapshot).some(({ transport, local }) => {
    const at = endpointOver(transport, port);
    return at !== undefined && isAt(local, at);
  });
}

function isAt(local: { address: string; port: number }, at: { address: string; port: number }): boolean {
  const same = canonicalAddress(bare(local.address)) === canonicalAddress(at.address);
  return local.port === at.port && (isWildcard(at.address) || same);
}

/** Listening sockets in the order in which they were found: nvmet's answer, the others only take their address. */
export async function restoreNetwork(machine: Machine, snapshot: Snapshot): Promise<void> {
  const { seen, rdma } = snapshot;
  machine.network.rdma = rdma;
  const waiting = new Set([...machine.nvmet.ports].filter((port) => port.enabled));
  for (const { address, port: number } of seen.listeners) {
    const port = [...waiting].find((each) => {
      const at = endpointOver("tcp", each);
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
  for (const { transport, local, remote } of sessionsOf(snapshot)) {
    const session = { transport, local: local.address, port: local.port, remote: remote.address };
    // The other end may be this node's own initiator.
    const lasts = () => isConnected(machine, transport, local);
    machine.network.recall(session, machine.network.has(bare(remote.address)) && lasts() ? lasts : undefined);
  }
}

function isConnected({ initiator }: Machine, transport: string, local: Endpoint): boolean {
  return [...initiator.controllers.values()].some(
    ({ state, settings: { transport: over, traddr, trsvcid } }) =>
      state === "live" && over === transport && isAt(local, { address: traddr, port: parseKernelInteger(trsvcid) }),
  );
}
