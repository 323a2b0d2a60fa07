import { FlashfleetError } from "../../shared/errors.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { type Layer, Scope, valueLayer } from "../template/scope.ts";
import { compileTemplate } from "../template/template.ts";
import { LazyMap } from "../template/value.ts";
import { isIpAddress } from "./address.ts";
import { folderOf } from "./file-tree.ts";
import { type Host, hostsOf, type Inventory } from "./inventory.ts";
import type { VariableSet } from "./variable-set.ts";

/**
 * A host's variables, the ones that win first, in Ansible's order: host_vars, the host's own, group_vars (those of
 * `all` lose to those of any group), the groups' own, those of `all`. Groups share their layers.
 */
export function hostLayers(host: Host): VariableSet[] {
  const { variables } = host;
  const groups = host.groups.filter(({ name }) => name !== "all").toReversed();
  const all = host.groups.filter(({ name }) => name === "all");
  return [
    variables.playbook,
    variables.beside,
    variables.inline,
    ...groups.map((group) => group.variables.playbook),
    ...groups.map((group) => group.variables.beside),
    ...all.flatMap((group) => [group.variables.playbook, group.variables.beside]),
    ...groups.map((group) => group.variables.inline),
    ...all.map((group) => group.variables.inline),
  ].filter((set) => !set.isEmpty);
}

/** The magic variable `groups`: the names of each group's hosts, listed when they are asked for. */
export function groupsVariable(inventory: Inventory): LazyMap {
  const lists = new Map<string, readonly string[]>();
  return new LazyMap(
    () => inventory.groups.keys(),
    (name) => {
      if (!inventory.groups.has(name)) return undefined;
      const list = lists.get(name) ?? hostsOf(inventory, name);
      lists.set(name, list);
      return list;
    },
  );
}

/** The magic variables of one host; `groups` comes from {@link groupsVariable}, made once per inventory. */
export function magicLayer(host: Host, groups: LazyMap): Layer {
  return valueLayer({
    inventory_hostname: host.name,
    inventory_hostname_short: isIpAddress(host.name) ? host.name : (host.name.split(".")[0] ?? host.name),
    group_names: host.groups
      .map(({ name }) => name)
      .filter((name) => name !== "all")
      .sort(),
    groups,
    inventory_file: host.source ?? null,
    inventory_dir: host.source === undefined ? null : folderOf(host.source) || ".",
  });
}

const nodeVariable = compileTemplate("{{ flashfleet_node }}");

/** The node that a host is: its variable `flashfleet_node`, or its name in lower case. `bad_inventory` where that is none. */
export function nodeOf(host: Host): NodeId {
  const scope = new Scope(hostLayers(host));
  const said = scope.has("flashfleet_node") ? nodeVariable.evaluate(scope) : undefined;
  const parsed = NodeId.safeParse(said ?? host.name.toLowerCase());
  if (parsed.success) return parsed.data;
  const what = said === undefined ? `the name '${host.name}'` : `its flashfleet_node '${String(said)}'`;
  throw new FlashfleetError("bad_inventory", `cannot tell the node of host '${host.name}': ${what} is no node id`, {
    hint: "give the host a variable flashfleet_node: 1 to 63 lower-case letters, digits and dashes",
  });
}
