import type { NvmetSubsystem } from "../../../shared/modules/kinds/nvmet-subsystem.ts";
import { nvmetSubsystem } from "../../../shared/modules/kinds/nvmet-subsystem.ts";
import type { Seen } from "../../observe/observed.ts";

export const sees = ["kernel", "nvmet", "drives", "sizes"] as const;

/** Every subsystem that nvmet has, with its namespaces, allowed hosts and the ports that export it. */
export function current(seen: Seen<"nvmet">): NvmetSubsystem[] {
  return seen.nvmet.subsystems.flatMap(({ nqn, attributes, allowedHosts, namespaces }) => {
    const parsed = nvmetSubsystem.schema.safeParse({
      nqn,
      allow_any_host: attributes.attr_allow_any_host === "1",
      allowed_hosts: allowedHosts.map((host) => host.nqn),
      serial: attributes.attr_serial,
      model: attributes.attr_model,
      namespaces: namespaces.map(({ nsid, attributes: namespace }) => ({
        nsid,
        device: namespace.device_path || undefined,
        uuid: namespace.device_uuid,
        ana_group: Number(namespace.ana_grpid) || undefined,
        enabled: namespace.enable === "1",
      })),
      ports: seen.nvmet.ports.filter(({ links }) => links.some((link) => link.nqn === nqn)).map(({ id }) => id),
    });
    return parsed.success ? [parsed.data] : [];
  });
}
