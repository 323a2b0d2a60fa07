import type { NvmetPort } from "../../../shared/modules/kinds/nvmet-port.ts";
import { nvmetPort } from "../../../shared/modules/kinds/nvmet-port.ts";
import type { Seen } from "../../observe/observed.ts";

export const sees = ["kernel", "nvmet", "addresses", "listeners"] as const;

/** Every port that nvmet has, as far as it is configured. */
export function current(seen: Seen<"nvmet">): NvmetPort[] {
  return seen.nvmet.ports.flatMap(({ id, attributes, anaGroups }) => {
    const parsed = nvmetPort.schema.safeParse({
      id,
      transport: attributes.addr_trtype,
      address_family: attributes.addr_adrfam,
      address: attributes.addr_traddr,
      service_id: attributes.addr_trsvcid,
      treq: attributes.addr_treq,
      tsas: attributes.addr_tsas,
      ana_groups: anaGroups,
    });
    return parsed.success ? [parsed.data] : [];
  });
}
