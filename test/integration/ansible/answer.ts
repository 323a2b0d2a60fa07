import { collectProject } from "../../../controller/cli/collect-project.ts";
import { magicLayer } from "../../../controller/inventory/host-layers.ts";
import { type Host, hostsOf, type Inventory } from "../../../controller/inventory/inventory.ts";
import { hostVariables } from "../../../controller/inventory/listing.ts";
import { parseInventory } from "../../../controller/inventory/parse-inventory.ts";
import { matchHosts } from "../../../controller/inventory/patterns.ts";
import { Scope } from "../../../controller/template/scope.ts";
import { LazyMap } from "../../../controller/template/value.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import type { Answer, Case } from "./reference.ts";

/** What flashfleet makes of a case, in the form in which reference.py answers. */
export async function answer({ sources, patterns }: Case): Promise<Answer> {
  const { files, inventories } = await collectProject([], { inventory: [...sources] });
  const { inventory, problems } = parseInventory({ files, sources: inventories });
  const [problem] = problems;
  if (problem !== undefined) return { error: `${problem.place ?? "nowhere"}: ${problem.message}` };
  const { hosts, groups } = inventory;
  return {
    hosts: Object.fromEntries(
      [...hosts.values()].map((host) => [
        host.name,
        { groups: host.groups.map(({ name }) => name), short: shortName(host), variables: hostVariables(host) },
      ]),
    ),
    groups: Object.fromEntries(
      [...groups.values()].map(({ name, children, hosts: direct, depth }) => [
        name,
        { children: [...children], direct: [...direct], hosts: [...hostsOf(inventory, name)], depth },
      ]),
    ),
    patterns: patterns.map(({ pattern, limit }) => match(inventory, pattern, limit ?? undefined)),
  };
}

function shortName(host: Host) {
  const none = new LazyMap(
    () => [],
    () => undefined,
  );
  return String(new Scope([magicLayer(host, none)]).lookup("inventory_hostname_short"));
}

function match(inventory: Inventory, pattern: string, limit: string | undefined) {
  try {
    const { hosts, unmatched } = matchHosts(pattern, inventory, { limit });
    return { hosts: [...hosts], unmatched: unmatched.map(({ name }) => name) };
  } catch (error) {
    if (!(error instanceof FlashfleetError)) throw error;
    return { error: error.message, unmatched: [] };
  }
}
