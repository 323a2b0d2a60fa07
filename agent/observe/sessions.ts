import type { System } from "../system/system.ts";
import type { Session } from "./observed.ts";
import { parseSockets } from "./sockets.ts";
import { ifThere } from "./tolerant.ts";

const established = "01";

/** The established TCP connections of this network namespace; those to nvmet are among them. */
export async function observeSessions(system: System): Promise<Session[]> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => ifThere(system.read(path))));
  return tables
    .flatMap((table) => parseSockets(table ?? ""))
    .filter(({ state }) => state === established)
    .map(({ local, remote }) => ({ local: bareEnd(local), peer: bareEnd(remote) }));
}

/** Those to one address and port of this node. */
export function sessionsTo<S extends Pick<Session, "local">>(
  sessions: readonly S[],
  { address, port }: Session["local"],
): S[] {
  const any = address === "0.0.0.0" || address === "::" || address === "";
  return sessions.filter(({ local }) => local.port === port && (any || local.address === bare(address)));
}

const bareEnd = ({ address, port }: Session["local"]) => ({ address: bare(address), port });

/** An IPv4 connection to a socket of IPv6 shows both addresses as ::ffff:10.0.0.1; a zone is not in the table. */
function bare(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, "")
    .replace(/%.*$/, "");
}
