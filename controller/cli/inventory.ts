import { FlashfleetError } from "../../shared/errors.ts";
import { type Group, hostsOf, type Inventory } from "../inventory/inventory.ts";
import { graphInventory, hostVariables, listInventory } from "../inventory/listing.ts";
import { matchHosts } from "../inventory/patterns.ts";
import { didYouMean } from "../template/suggest.ts";
import type { Json } from "../template/value.ts";
import { dump } from "./ansible-json.ts";
import { collectProject, type ProjectOptions } from "./collect-project.ts";
import { type CommonOptions, type Context, exitCodes, wantsJson } from "./context.ts";
import { load } from "./list.ts";
import { readVaultPasswords, type VaultOptions } from "./vault-passwords.ts";

export interface InventoryOptions extends CommonOptions, ProjectOptions, VaultOptions {
  list?: boolean;
  host?: string;
  graph?: boolean;
  /** With the graph: variables too. */
  vars?: boolean;
  /** With the list: variables with their groups. */
  export?: boolean;
}

/** Shows an inventory as ansible-inventory does: without `--list` and `--host` as a graph. Secrets are not shown. */
export async function inventory(
  context: Context,
  name: string | undefined,
  options: InventoryOptions,
): Promise<number> {
  const actions = [options.list, options.host !== undefined, options.graph].filter((each) => each === true);
  if (actions.length > 1)
    throw new FlashfleetError("bad_argument", "cannot do more than one of --list, --host and --graph");
  const project = await collectProject([], options, await readVaultPasswords(options, context));
  const { inventory: found } = await load(context, project, options);
  const print = (value: Json) => context.out(`${render(value, wantsJson(options))}\n`);
  if (options.host !== undefined) print(hostVariables(only(found, options.host)));
  else if (options.list || wantsJson(options)) print(listInventory(found, { isExport: options.export ?? false }));
  else context.out(`${graphInventory(found, group(found, name ?? "all"), options.vars ?? false).join("\n")}\n`);
  return exitCodes.fine;
}

function only(found: Inventory, pattern: string) {
  const { hosts } = matchHosts(pattern, found);
  const host = hosts.length === 1 ? found.hosts.get(hosts[0] ?? "") : undefined;
  if (host !== undefined) return host;
  throw new FlashfleetError("no_hosts", `cannot show '${pattern}': it names ${hosts.length} hosts`, {
    hint: didYouMean(pattern, hostsOf(found, "all")) ?? "--host takes one host",
  });
}

function group({ groups }: Inventory, name: string): Group {
  const found = groups.get(name);
  if (found !== undefined) return found;
  throw new FlashfleetError("not_found", `there is no group ${name} in the inventory`, {
    hint: didYouMean(name, groups.keys()),
  });
}

/** As Ansible prints JSON: keys in their order, four spaces; one line where lines of JSON are wanted. */
function render(value: Json, isLine: boolean): string {
  return isLine ? JSON.stringify(value) : dump(value, 4);
}
