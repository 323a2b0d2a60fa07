import type { Millis } from "../../../../shared/clock.ts";
import { familyOf } from "../../../../shared/nvme/address.ts";
import { Errno } from "../errno.ts";
import type { Connection } from "../fabric/fabric.ts";
import { returned } from "./complaints.ts";
import type { Initiator } from "./initiator.ts";
import { type ConnectSettings, tcpEndpoint } from "./options.ts";

/** One SYN after the first, which nvme-tcp asks for (TCP_SYNCNT). */
const dialPatience: Millis = 3_000;

/** A connection to where the settings say. Throws what connect(2) and bind(2) do, in the words of nvme_tcp_alloc_queue. */
export async function dial(initiator: Initiator, settings: ConnectSettings): Promise<Connection & { from: string }> {
  const to =
    settings.transport === "loop"
      ? { address: settings.traddr, port: 0 }
      : tcpEndpoint(settings.traddr, settings.trsvcid);
  const { hostTraddr } = settings;
  // bind(2) of a socket of the other family.
  if (hostTraddr !== undefined && familyOf(hostTraddr) !== familyOf(to.address)) {
    throw new Errno("EAFNOSUPPORT", `failed to bind queue 0 socket ${returned("EAFNOSUPPORT")}`);
  }
  const from = settings.hostTraddr ?? initiator.addressOf(settings.hostIface);
  try {
    return await initiator.machine.network.dial({ transport: settings.transport, ...to }, dialPatience, from);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const doing = error.code === "EADDRNOTAVAIL" ? "bind queue 0 socket" : "connect socket:";
    throw new Errno(error.code, `failed to ${doing} ${returned(error.code)}`);
  }
}
