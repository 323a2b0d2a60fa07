import { canonicalAddress } from "../../../../shared/nvme/address.ts";
import type { NodeId } from "../../../../shared/protocol/ids.ts";
import type { AssumedConnection, AssumedListener, AssumedSubsystem } from "../../../../shared/protocol/listener.ts";
import { parseKernelInteger } from "../../../observe/kernel-integer.ts";
import { isLoopback, isWildcard } from "../ip.ts";
import type { Machine } from "../machine.ts";
import { anaStateOn, type Port, type Subsystem } from "../nvmet/state.ts";

/** Names the secret that a host's key is from: `<secret>@<version>`. */
export type KeyName = (hostnqn: string, which: "dhchap_key" | "dhchap_ctrl_key") => string;

/** Where other nodes reach this target now, and what they meet there. What only the node itself reaches is left out. */
export function listenersOf(machine: Machine, node: NodeId, keyName: KeyName): AssumedListener[] {
  return [...machine.nvmet.ports].flatMap((port) => {
    const { listening } = port;
    if (listening === undefined || !["tcp", "rdma"].includes(listening.transport)) return [];
    const own = machine.network.addresses.map(({ address }) => address);
    const heard = isWildcard(listening.address) ? own : [listening.address];
    return heard
      .filter((address) => !isLoopback(address) && machine.network.has(address))
      .map((address) => ({
        node,
        release: machine.kernel.release,
        transport: listening.transport,
        address: canonicalAddress(address),
        port: listening.port,
        subsystems: [...port.subsystems].map((subsystem) => describe(port, subsystem, keyName)),
      }));
  });
}

/** Where this node is connected to other nodes' targets now, over TCP and RDMA. */
export function connectionsOf(machine: Machine, node: NodeId): AssumedConnection[] {
  const found = new Map<string, AssumedConnection>();
  for (const { state, settings, source } of machine.initiator.controllers.values()) {
    const { transport, traddr, trsvcid, nqn } = settings;
    const port = parseKernelInteger(trsvcid);
    const isRemote = ["tcp", "rdma"].includes(transport) && !machine.network.has(traddr);
    if (state !== "live" || !isRemote || !(port > 0)) continue;
    const address = canonicalAddress(traddr);
    const key = `${transport} ${address} ${port}`;
    const known = found.get(key) ?? { node, transport, address, port, from: [], nqns: [] };
    const from = source === undefined ? addressesOf(machine) : [source];
    found.set(key, { ...known, from: [...new Set([...known.from, ...from])], nqns: [...known.nqns, nqn].sort() });
  }
  return [...found.values()];
}

/** By which other nodes may know it. */
export function addressesOf({ network }: Machine): string[] {
  return network.addresses.map(({ address }) => canonicalAddress(address)).filter((address) => !isLoopback(address));
}

function describe(port: Port, subsystem: Subsystem, keyName: KeyName): AssumedSubsystem {
  return {
    nqn: subsystem.nqn,
    serial: subsystem.serial,
    model: subsystem.model,
    allowAnyHost: subsystem.allowAnyHost,
    allowedHosts: [...subsystem.allowed].map(({ nqn, key, ctrlKey }) => ({
      nqn,
      ...(key === "" ? {} : { key: keyName(nqn, "dhchap_key") }),
      ...(ctrlKey === "" ? {} : { ctrlKey: keyName(nqn, "dhchap_ctrl_key") }),
    })),
    namespaces: [...subsystem.namespaces].flatMap((namespace) => {
      const { nsid, uuid, nguid, anaGroup, backing } = namespace;
      if (backing === undefined) return [];
      return [{ nsid, uuid, nguid, size: backing.size, anaGroup, anaState: anaStateOn(port, namespace) }];
    }),
    cntlids: { least: subsystem.cntlidMin, most: subsystem.cntlidMax },
  };
}
