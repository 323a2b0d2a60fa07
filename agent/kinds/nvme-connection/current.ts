import type { NvmeConnection } from "../../../shared/modules/kinds/nvme-connection.ts";
import { nvmeConnection } from "../../../shared/modules/kinds/nvme-connection.ts";
import type { Seen } from "../../observe/observed.ts";
import { isDiscovery } from "./find.ts";

export const sees = ["kernel", "host", "fabrics"] as const;

/** Every subsystem that this node is connected to over fabrics; discovery controllers are none. */
export function current(seen: Seen<"fabrics">): NvmeConnection[] {
  return seen.fabrics.subsystems.flatMap((subsystem) => {
    if (isDiscovery(subsystem)) return [];
    const { nqn, iopolicy, controllers } = subsystem;
    const parsed = nvmeConnection.schema.safeParse({
      nqn,
      iopolicy,
      paths: controllers.map((controller) => ({
        transport: controller.transport,
        address: controller.address,
        service_id: controller.serviceId,
        host_address: controller.hostAddress,
        host_interface: controller.hostInterface,
      })),
    });
    return parsed.success ? [parsed.data] : [];
  });
}
