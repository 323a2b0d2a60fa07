import { familyOf } from "../../../../shared/nvme/address.ts";
import { Errno } from "../errno.ts";
import type { FabricAddress } from "../fabric/fabric.ts";
import type { Incoming, Listening, Network } from "../network.ts";
import { parseInteger, u16 } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import { errnoNumber } from "./open-namespace.ts";
import type { Address, Port } from "./state.ts";

/** Transports by their number (include/linux/nvme.h), and the module that registers each. */
const transports: Readonly<Record<string, { number: number; module: string }>> = {
  rdma: { number: 1, module: "nvmet_rdma" },
  fc: { number: 2, module: "nvmet_fc" },
  tcp: { number: 3, module: "nvmet_tcp" },
  loop: { number: 254, module: "nvme_loop" },
  pci: { number: 0, module: "nvmet_pci_epf" },
};
/** Those that can carry T10-PI. */
const withMetadata = ["rdma"];
/** Address families by their number; what was never written has another one. */
const families: Readonly<Record<string, number>> = { pci: 0, ipv4: 1, ipv6: 2, ib: 3, fc: 4, loop: 254 };
const unset = 255;

/** The first of the ports that Linux gives out by itself (ip_local_port_range). */
const firstEphemeral = 32768;
/** Bytes of in-capsule data that TCP takes by default: four pages. */
const tcpInlineData = 16384;

/** Enables a port (nvmet_enable_port): finds its transport, loading it where it can, and binds. Throws what the link gets. */
export async function listen(
  nvmet: Nvmet,
  port: Port,
  network: Network,
  accept: (incoming: Incoming) => void,
): Promise<Listening> {
  const { trtype, traddr } = port.address;
  assertTransport(nvmet, port);
  if (trtype === "loop") return network.listen({ transport: "loop", address: traddr, port: 0 }, accept);
  if (trtype !== "tcp" && trtype !== "rdma") throw new Errno("EINVAL");
  const number = servicePort(port.address, nvmet.kernel);
  const shown = `${port.address.adrfam === "ipv6" ? `[${traddr}]` : traddr}:${number}`;
  if (trtype === "rdma") return listenForRdma(nvmet, port, network, { number, shown }, accept);
  // Before it binds (nvmet_tcp_add_port): a port that cannot be enabled keeps it too.
  if (port.inlineDataSize < 0) port.inlineDataSize = tcpInlineData;
  const chosen = number === 0 ? randomPort(nvmet) : number;
  const at = { transport: "tcp", address: traddr, port: chosen };
  const listening = await bind(network, at, accept, "nvmet_tcp: failed to bind port socket");
  nvmet.say(`nvmet_tcp: enabling port ${port.portId} (${shown})`);
  return listening;
}

/** nvmet_rdma_add_port: an address without a device below it cannot be bound. */
async function listenForRdma(
  nvmet: Nvmet,
  { portId, address: { traddr } }: Port,
  network: Network,
  { number, shown }: { number: number; shown: string },
  accept: (incoming: Incoming) => void,
): Promise<Listening> {
  const failure = `nvmet_rdma: binding CM ID to ${shown} failed`;
  if (!network.rdma) throw new Errno("ENODEV", `${failure} (-${errnoNumber("ENODEV")})`);
  const listening = await bind(network, { transport: "rdma", address: traddr, port: number }, accept, failure);
  nvmet.say(`nvmet_rdma: enabling port ${portId} (${shown})`);
  return listening;
}

function assertTransport({ machine, kernel }: Nvmet, { address, pi }: Port): void {
  const transport = transports[address.trtype];
  if (transport === undefined && kernel.does.transportUnset) throw new Errno("EINVAL");
  const number = transport?.number ?? 0;
  if (transport === undefined || !machine.modules.request(transport.module)) {
    throw new Errno("EINVAL", `transport type ${number} not supported`);
  }
  if (pi && !withMetadata.includes(address.trtype)) {
    throw new Errno("EINVAL", `T10-PI is not supported by transport type ${number}`);
  }
}

/** `failure`: what the transport says then, before the number. */
async function bind(
  network: Network,
  at: FabricAddress,
  accept: (incoming: Incoming) => void,
  failure: string,
): Promise<Listening> {
  try {
    return await network.listen(at, accept);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const number = -errnoNumber(error.code);
    throw new Errno(error.code, `${failure} ${at.transport === "rdma" ? `(${number})` : number}`);
  }
}

/** As TCP and RDMA have it: a literal of the port's family, and a number with base 0 (04420 is octal). */
function servicePort({ trtype, adrfam, traddr, trsvcid }: Address, { does }: Kernel): number {
  if (adrfam !== "ipv4" && adrfam !== "ipv6") {
    const number = families[adrfam] ?? (does.familyUnset ? unset : 0);
    throw new Errno("EINVAL", `nvmet_${trtype}: address family ${number} not supported`);
  }
  const malformed = new Errno("EINVAL", `nvmet_${trtype}: malformed ip/port passed: ${traddr}:${trsvcid}`);
  if (familyOf(traddr) !== adrfam) throw malformed;
  try {
    return parseInteger(trsvcid, u16);
  } catch {
    throw malformed;
  }
}

function randomPort({ machine }: Nvmet): number {
  const [high = 0, low = 0] = machine.random(2);
  return firstEphemeral + (((high << 8) | low) % (0x10000 - firstEphemeral));
}
