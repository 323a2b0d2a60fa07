import type { NvmetHost } from "../../../shared/modules/kinds/nvmet-host.ts";
import { nvmetHost } from "../../../shared/modules/kinds/nvmet-host.ts";
import type { Seen } from "../../observe/observed.ts";

export const sees = ["kernel", "nvmet"] as const;

/** Every host that nvmet knows, without its keys. */
export function current(seen: Seen<"nvmet">): NvmetHost[] {
  return seen.nvmet.hosts.flatMap(({ nqn, attributes }) => {
    const parsed = nvmetHost.schema.safeParse({
      nqn,
      dhchap_hash: attributes.dhchap_hash,
      dhchap_dhgroup: attributes.dhchap_dhgroup,
    });
    return parsed.success ? [parsed.data] : [];
  });
}
