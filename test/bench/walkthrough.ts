import type { Done } from "../../shared/protocol/reply.ts";
import type { Desk } from "./desk.ts";
import { type FleetNode, nqnOf } from "./model-fleet.ts";

/** A task of playbooks/data-in-a-flash.yaml, as it comes to an agent. */
export interface WalkthroughTask {
  kind: "kernel_module" | "nvmet_port" | "nvmet_subsystem" | "nvme_host_identity" | "nvme_connection";
  says: string;
  written: object;
}

const serviceId = 4420;

/** The play of the targets: a drive is exported. */
export function exporting(node: FleetNode): WalkthroughTask[] {
  return [
    { kind: "kernel_module", says: "load the target's modules", written: { name: ["nvmet", "nvmet-tcp"] } },
    {
      kind: "nvmet_port",
      says: "create a port",
      written: { id: 1, transport: "tcp", address: node.address, service_id: serviceId },
    },
    {
      kind: "nvmet_subsystem",
      says: "export a drive",
      written: {
        nqn: nqnOf(node),
        allow_any_host: true,
        namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
        ports: [1],
      },
    },
  ];
}

/** The play of the initiators: what a target exports is connected. */
export function importing(target: FleetNode): WalkthroughTask[] {
  return [
    { kind: "kernel_module", says: "load the initiator's modules", written: { name: ["nvme", "nvme-tcp"] } },
    { kind: "nvme_host_identity", says: "have a host identity", written: {} },
    {
      kind: "nvme_connection",
      says: "connect",
      written: { nqn: nqnOf(target), paths: [{ transport: "tcp", address: target.address, service_id: serviceId }] },
    },
  ];
}

/** Throws where it came to something else. */
export async function doTask(desk: Desk, task: WalkthroughTask, outcome: Done["outcome"]): Promise<void> {
  const done = await desk.task(task.kind, task.written);
  if (done.outcome !== outcome) throw new Error(`${task.says}: ${done.outcome}, and not ${outcome}`);
}
