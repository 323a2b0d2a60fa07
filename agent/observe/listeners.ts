import type { System } from "../system/system.ts";
import type { Listener } from "./observed.ts";
import { parseSockets } from "./sockets.ts";
import { ifThere } from "./tolerant.ts";

const listening = "0A";

/** Listening sockets of this network namespace; a socket of the kernel, as nvmet's, is among them. */
export async function observeListeners(system: System): Promise<Listener[]> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => ifThere(system.read(path))));
  return tables
    .flatMap((table) => parseSockets(table ?? ""))
    .flatMap(({ state, local }) => (state === listening ? [local] : []));
}
