import type { System } from "../system/system.ts";
import { parseSockets } from "./sockets.ts";
import { ifThere } from "./tolerant.ts";

const established = "01";

/** Addresses of the peers with an established TCP connection to this address and port; each once, sorted. */
export async function sessionsAt(system: System, address: string, port: number): Promise<string[]> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => ifThere(system.read(path))));
  const any = address === "0.0.0.0" || address === "::" || address === "";
  const peers = tables
    .flatMap((table) => parseSockets(table ?? ""))
    .filter(
      ({ state, local }) =>
        state === established && local.port === port && (any || bare(local.address) === bare(address)),
    )
    .map(({ remote }) => bare(remote.address));
  return [...new Set(peers)].sort();
}

/** An IPv4 connection to a socket of IPv6 shows both addresses as ::ffff:10.0.0.1; a zone is not in the table. */
function bare(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, "")
    .replace(/%.*$/, "");
}
