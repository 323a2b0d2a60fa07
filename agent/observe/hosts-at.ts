import type { Deadline } from "../../shared/clock.ts";
import type { System } from "../system/system.ts";
import { observeRdmaSessions } from "./rdma-sessions.ts";
import { observeSessions, sessionsTo } from "./sessions.ts";

/** Where a port of nvmet listens. */
interface Listening {
  transport: string;
  address: string;
  port: number;
}

/**
 * Addresses of the hosts that are connected to a listener of this node, each once, sorted; undefined where that cannot be seen:
 * over RDMA without iproute2, over any other transport than TCP.
 */
export async function hostsAt(system: System, at: Listening, deadline: Deadline): Promise<string[] | undefined> {
  const sessions = await sessionsOver(system, at.transport, deadline);
  if (sessions === undefined) return undefined;
  return [...new Set(sessionsTo(sessions, at).map(({ peer }) => peer.address))].sort();
}

async function sessionsOver(system: System, transport: string, deadline: Deadline) {
  if (transport === "tcp") return observeSessions(system);
  return transport === "rdma" ? observeRdmaSessions(system, deadline) : undefined;
}
