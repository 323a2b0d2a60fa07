import { familyOf } from "../../../../shared/nvme/address.ts";
import { Errno } from "../errno.ts";
import type { Incoming, Listening } from "../network.ts";
import { parseIn, u16 } from "../parse.ts";
import type { Nvmet } from "./core.ts";
import type { Address, Port } from "./state.ts";

/** The module that registers each transport. */
const transportModules: Readonly<Record<string, string>> = {
  tcp: "nvmet_tcp",
  rdma: "nvmet_rdma",
  fc: "nvmet_fc",
  loop: "nvme_loop",
};

/** The first of the ports that Linux gives out by itself (ip_local_port_range). */
const firstEphemeral = 32768;

/** Enables a port (nvmet_enable_port): finds its transport, loading it where it can, and binds. Throws what the link gets. */
export async function listen(nvmet: Nvmet, port: Port, accept: (incoming: Incoming) => void): Promise<Listening> {
  const { modules, network } = nvmet.machine;
  const { trtype, traddr } = port.address;
  const module = transportModules[trtype];
  if (module === undefined || !modules.request(module)) throw new Errno("EINVAL", "transport type not supported");
  if (port.pi && trtype !== "rdma") throw new Errno("EINVAL", "T10-PI is not supported by the transport");
  if (trtype === "loop") return network.listen({ transport: "loop", address: traddr, port: 0 }, accept);
  if (trtype === "rdma") throw new Errno("ENODEV", "no RDMA device has this address");
  if (trtype !== "tcp") throw new Errno("EINVAL");
  const number = servicePort(port.address);
  const chosen = number === 0 ? randomPort(nvmet) : number;
  return network.listen({ transport: "tcp", address: traddr, port: chosen }, accept);
}

/** nvmet_tcp_add_port: a literal of the port's family, and a number with base 0 (04420 is octal). */
function servicePort({ adrfam, traddr, trsvcid }: Address): number {
  if (adrfam !== "ipv4" && adrfam !== "ipv6") throw new Errno("EINVAL", `address family ${adrfam} not supported`);
  if (familyOf(traddr) !== adrfam) throw new Errno("EINVAL", `malformed ip/port passed: ${traddr}:${trsvcid}`);
  return parseIn(trsvcid, u16);
}

function randomPort({ machine }: Nvmet): number {
  const [high = 0, low = 0] = machine.random(2);
  return firstEphemeral + (((high << 8) | low) % (0x10000 - firstEphemeral));
}
