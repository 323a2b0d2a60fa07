import type { NvmeHostIdentity } from "../../../shared/modules/kinds/nvme-host-identity.ts";
import { nvmeHostIdentity } from "../../../shared/modules/kinds/nvme-host-identity.ts";
import type { Seen } from "../../observe/observed.ts";

export const sees = ["host", "fabrics"] as const;

/** The node's identity, where it has a whole one that Linux would take. */
export function current(seen: Seen<"host">): NvmeHostIdentity[] {
  const parsed = nvmeHostIdentity.schema.safeParse({ hostnqn: seen.host.hostnqn, hostid: seen.host.hostid });
  return parsed.success && parsed.data.hostnqn !== undefined ? [parsed.data] : [];
}
