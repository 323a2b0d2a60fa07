import type { VariableSet } from "./variable-set.ts";

/** Variables by where they stand; flashfleet keeps them apart because their order of precedence is not by group alone. */
export interface Variables {
  /** In the inventory itself. */
  inline: VariableSet;
  /** In group_vars or host_vars beside the inventory. */
  beside: VariableSet;
  /** In group_vars or host_vars beside a playbook. */
  playbook: VariableSet;
}

export interface Group {
  name: string;
  /** Direct ones. */
  children: readonly string[];
  /** Direct ones. */
  hosts: readonly string[];
  /** Steps from `all`, the longest way. */
  depth: number;
  /** `ansible_group_priority`: of groups of one depth the greater one's variables win. */
  priority: number;
  variables: Variables;
}

export interface Host {
  name: string;
  /** The file that names it first; undefined: none. */
  source?: string | undefined;
  /** All groups it is in, `all` first, those whose variables win last. */
  groups: readonly Group[];
  variables: Variables;
}

/** Hosts and groups, both in the order of their definition; `all` and `ungrouped` are always among the groups. */
export interface Inventory {
  hosts: ReadonlyMap<string, Host>;
  groups: ReadonlyMap<string, Group>;
}

/** The hosts of a group and of all groups below it: its own first, then level by level, as Ansible lists them. */
export function hostsOf(inventory: Inventory, name: string): readonly string[] {
  const hosts = new Set<string>();
  const seen = new Set([name]);
  let level = [name];
  while (level.length > 0) {
    const next: string[] = [];
    for (const each of level) {
      const group = inventory.groups.get(each);
      for (const host of group?.hosts ?? []) hosts.add(host);
      for (const child of group?.children ?? []) {
        if (seen.has(child)) continue;
        seen.add(child);
        next.push(child);
      }
    }
    level = next;
  }
  return [...hosts];
}
