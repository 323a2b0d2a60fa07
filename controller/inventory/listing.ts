import { Budget } from "../template/budget.ts";
import { plainOf } from "../template/tagged.ts";
import { renderText } from "../template/text.ts";
import type { Json } from "../template/value.ts";
import { hostLayers } from "./host-layers.ts";
import { type Group, type Host, hostsOf, type Inventory } from "./inventory.ts";
import type { VariableSet } from "./variable-set.ts";

type Mapping = { [name: string]: Json };

export interface ListingOptions {
  /** As it was written, instead of what it comes to: variables stay with their groups. */
  isExport?: boolean;
}

/** What `ansible-inventory --list` prints: groups, and below `_meta` the variables of each host. Templates stay templates. */
export function listInventory(inventory: Inventory, { isExport = false }: ListingOptions = {}): Mapping {
  const listed: Mapping = {};
  const seen = new Set<string>();
  const visit = (group: Group) => {
    seen.add(group.name);
    const variables = isExport ? groupVariables(group) : {};
    const entry = {
      ...(group.name === "all" || group.hosts.length === 0 ? {} : { hosts: [...group.hosts] }),
      ...(group.children.length === 0 ? {} : { children: [...group.children] }),
      ...(Object.keys(variables).length === 0 ? {} : { vars: variables }),
    };
    if (Object.keys(entry).length > 0) listed[group.name] = entry;
    for (const child of childrenOf(inventory, group)) if (!seen.has(child.name)) visit(child);
  };
  const all = inventory.groups.get("all");
  if (all !== undefined) visit(all);
  const hostvars = hostsOf(inventory, "all").flatMap((name): [string, Mapping][] => {
    const host = inventory.hosts.get(name);
    const variables = host === undefined ? {} : isExport ? ownVariables(host) : hostVariables(host);
    return Object.keys(variables).length === 0 ? [] : [[name, variables]];
  });
  return { ...listed, _meta: { hostvars: Object.fromEntries(hostvars) } };
}

/** A host's variables as they were written, the winners of each name. */
export function hostVariables(host: Host): Mapping {
  return written(hostLayers(host));
}

/** The lines of `ansible-inventory --graph`. */
export function graphInventory(inventory: Inventory, group: Group, withVariables: boolean): string[] {
  const lines: string[] = [];
  const say = (name: string, depth: number) => lines.push(depth === 0 ? name : `${"  |".repeat(depth)}--${name}`);
  const tell = (variables: Mapping, depth: number) => {
    for (const name of Object.keys(variables).sort()) say(`{${name} = ${shown(variables[name] ?? null)}}`, depth);
  };
  const visit = (at: Group, depth: number) => {
    say(`@${at.name}:`, depth);
    for (const child of childrenOf(inventory, at)) visit(child, depth + 1);
    for (const name of at.name === "all" ? [] : at.hosts) {
      say(name, depth + 1);
      const host = inventory.hosts.get(name);
      if (withVariables && host !== undefined) tell(hostVariables(host), depth + 2);
    }
    if (withVariables) tell(groupVariables(at), depth + 1);
  };
  visit(group, 0);
  return lines;
}

function childrenOf({ groups }: Inventory, { children }: Group): Group[] {
  return children.flatMap((name) => groups.get(name) ?? []);
}

function groupVariables({ variables, priority }: Group): Mapping {
  const found = written([variables.playbook, variables.beside, variables.inline]);
  return priority === 1 ? found : { ...found, ansible_group_priority: priority };
}

function ownVariables({ variables }: Host): Mapping {
  return written([variables.playbook, variables.beside, variables.inline]);
}

/** Of sets the first of which wins. */
function written(sets: readonly VariableSet[]): Mapping {
  const found: Mapping = {};
  for (const set of sets.toReversed()) for (const name of set.names()) found[name] = plainOf(set.written(name) ?? null);
  return found;
}

/** Python's form, as ansible-inventory shows values in a graph. */
function shown(value: Json): string {
  return value === null ? "None" : renderText(value, new Budget());
}
