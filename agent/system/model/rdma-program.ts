import { listRdmaConnections } from "../../observe/rdma-sessions.ts";
import type { Machine } from "./machine.ts";

const ephemeral = 32768;
const [, ...known] = listRdmaConnections;

/** `rdma -j resource show cm_id` of iproute2: one line for each of nvmet's queues. The model knows no other question. */
export function rdma(
  args: readonly string[],
  { network }: Machine,
): { stdout?: string; stderr?: string; code: number } {
  if (args.join(" ") !== known.join(" ")) return { stderr: `Unknown object "${args.join(" ")}".\n`, code: 1 };
  const taken = network.established.filter(({ transport }) => transport === "rdma");
  const shown = taken.map(({ local, port, remote }, index) => ({
    ...{ ifindex: 0, ifname: "rxe0", port: 1, "cm-idn": index, "qp-type": "RC", state: "CONNECT", ps: "TCP" },
    ...{ comm: "nvmet_rdma", "src-addr": `${local}:${port}`, "dst-addr": `${remote}:${ephemeral + index}` },
  }));
  return { stdout: `${JSON.stringify(shown)}\n`, code: 0 };
}
