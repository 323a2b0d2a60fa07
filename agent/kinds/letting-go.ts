import type { Wanted } from "./kind.ts";

/** Subsystems that this very plan removes, or that let go of a port or a host in it: `exclusive` lists are the whole. */
export function lettingGo(wanted: Wanted, field: "ports" | "allowed_hosts", child: string | number): Set<string> {
  return new Set(
    wanted
      .goals("nvmet_subsystem")
      .filter(({ state, resource }) => {
        const named: readonly (string | number)[] | undefined = resource[field];
        return state === "absent" || (resource.exclusive === true && named !== undefined && !named.includes(child));
      })
      .map(({ resource }) => resource.nqn),
  );
}
