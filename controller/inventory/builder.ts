import type { ErrorData } from "../../shared/errors.ts";
import type { PlaceAt } from "../template/compiled-value.ts";
import type { Written } from "../template/tagged.ts";
import type { Group, Host, Inventory, Variables } from "./inventory.ts";
import { VariableSet } from "./variable-set.ts";

type Place = () => string | undefined;

interface GroupDraft {
  name: string;
  children: Map<string, Place>;
  hosts: Set<string>;
  variables: Variables;
  priority: number;
}

const nowhere: Place = () => undefined;

function noVariables(): Variables {
  return { inline: new VariableSet(), beside: new VariableSet(), playbook: new VariableSet() };
}

/** An inventory in the making: what several sources say adds up. */
export class InventoryBuilder {
  readonly problems: ErrorData[] = [];
  /** What Ansible warns of too: it is read all the same. */
  readonly warnings: ErrorData[] = [];
  readonly #groups = new Map<string, GroupDraft>();
  readonly #hosts = new Map<string, Variables>();
  readonly #sources = new Map<string, string>();
  #source: string | undefined;

  constructor() {
    this.group("all");
    this.child("all", "ungrouped", nowhere);
  }

  /** The file that is read from now on; undefined: none. */
  begin(source: string | undefined): void {
    this.#source = source;
  }

  problem(message: string, place: string | undefined, hint?: string): void {
    this.problems.push(data(message, place, hint));
  }

  warning(message: string, place: string | undefined, hint?: string): void {
    this.warnings.push(data(message, place, hint));
  }

  /** Makes the group if it is new. */
  group(name: string): Variables {
    return this.#group(name).variables;
  }

  #group(name: string): GroupDraft {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const draft = { name, children: new Map(), hosts: new Set<string>(), variables: noVariables(), priority: 1 };
    this.#groups.set(name, draft);
    return draft;
  }

  /** A variable in the inventory itself; there `ansible_group_priority` is no variable, but orders groups of one depth. */
  groupVariable(group: string, name: string, value: Written, placeAt: PlaceAt): void {
    const draft = this.#group(group);
    if (name !== "ansible_group_priority") {
      draft.variables.inline.set(name, value, placeAt);
      return;
    }
    const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
    if (/^\s*[+-]?\d+(\.\d*)?\s*$/.test(text)) draft.priority = Math.trunc(Number(text));
    else this.problem(`cannot read the inventory: ansible_group_priority of '${group}' is no number`, placeAt([], 0));
  }

  child(parent: string, child: string, place: Place): void {
    this.group(child);
    const { children } = this.#group(parent);
    if (!children.has(child)) children.set(child, place);
  }

  /** Makes the host if it is new, and puts it into the group. */
  host(group: string, name: string): Variables {
    this.#group(group).hosts.add(name);
    let variables = this.#hosts.get(name);
    if (variables === undefined) {
      variables = noVariables();
      this.#hosts.set(name, variables);
      if (this.#source !== undefined) this.#sources.set(name, this.#source);
    }
    return variables;
  }

  hasGroup(name: string): boolean {
    return this.#groups.has(name);
  }

  hasHost(name: string): boolean {
    return this.#hosts.has(name);
  }

  /** Every group and host, to be given what stands in files of their names. */
  *owners(): Generator<{ sort: "group" | "host"; name: string; variables: Variables }> {
    for (const { name, variables } of this.#groups.values()) yield { sort: "group", name, variables };
    for (const [name, variables] of this.#hosts) yield { sort: "host", name, variables };
  }

  /** The inventory, with its mistakes in `problems`: a cycle is one, and is cut. */
  build(): Inventory {
    this.#adopt();
    this.#cutCycles();
    const parents = this.#parents();
    this.#sortOutUngrouped(parents);
    const depths = this.#depths(parents);
    const groups = new Map<string, Group>();
    for (const { name, children, hosts, variables, priority } of this.#groups.values()) {
      if (this.#hosts.has(name))
        this.warning(`'${name}' is the name of a host and of a group`, undefined, "a pattern means the host");
      const depth = depths.get(name) ?? 0;
      groups.set(name, { name, children: [...children.keys()], hosts: [...hosts], depth, priority, variables });
    }
    return { groups, hosts: this.#placedHosts(groups, parents) };
  }

  /** Groups without a parent are children of `all`. */
  #adopt(): void {
    const withParent = new Set([...this.#groups.values()].flatMap(({ children }) => [...children.keys()]));
    for (const name of this.#groups.keys())
      if (name !== "all" && !withParent.has(name)) this.child("all", name, nowhere);
  }

  /** `ungrouped` are the hosts that are in no group but `all`. */
  #sortOutUngrouped(parents: ReadonlyMap<string, readonly string[]>): void {
    const direct = this.#directGroups();
    const { hosts } = this.#group("ungrouped");
    for (const host of this.#hosts.keys()) {
      const groups = withAncestors(direct.get(host) ?? [], parents);
      groups.delete("all");
      groups.delete("ungrouped");
      if (groups.size > 0) hosts.delete(host);
      else hosts.add(host);
    }
  }

  #cutCycles(): void {
    const finished = new Set<string>();
    const path: string[] = [];
    const visit = (name: string) => {
      path.push(name);
      for (const child of [...this.#group(name).children.keys()]) {
        if (path.includes(child)) {
          const cycle = [...path.slice(path.indexOf(child)), child];
          this.problem(
            `cannot read the inventory: the group '${child}' is its own child: ${cycle.join(" → ")}`,
            this.#placeIn(cycle),
            "take it out of one of them",
          );
          this.#group(name).children.delete(child);
        } else if (!finished.has(child)) visit(child);
      }
      path.pop();
      finished.add(name);
    };
    for (const name of this.#groups.keys()) if (!finished.has(name)) visit(name);
  }

  /** Where the last of these steps stands that somebody wrote. */
  #placeIn(path: readonly string[]): string | undefined {
    const places = path.map((child, index) => this.#groups.get(path[index - 1] ?? "")?.children.get(child)?.());
    return places.findLast((place) => place !== undefined);
  }

  #parents(): Map<string, string[]> {
    const parents = new Map<string, string[]>();
    for (const { name, children } of this.#groups.values()) {
      for (const child of children.keys()) {
        const known = parents.get(child);
        if (known === undefined) parents.set(child, [name]);
        else known.push(name);
      }
    }
    return parents;
  }

  /** Steps from `all`, the longest way. */
  #depths(parents: ReadonlyMap<string, readonly string[]>): Map<string, number> {
    const depths = new Map([["all", 0]]);
    const depth = (name: string): number => {
      const known = depths.get(name);
      if (known !== undefined) return known;
      const found = 1 + Math.max(0, ...(parents.get(name) ?? []).map(depth));
      depths.set(name, found);
      return found;
    };
    for (const name of this.#groups.keys()) depth(name);
    return depths;
  }

  #directGroups(): Map<string, string[]> {
    const direct = new Map<string, string[]>();
    for (const { name, hosts } of this.#groups.values()) {
      for (const host of hosts) {
        const known = direct.get(host);
        if (known === undefined) direct.set(host, [name]);
        else known.push(name);
      }
    }
    return direct;
  }

  #placedHosts(groups: ReadonlyMap<string, Group>, parents: ReadonlyMap<string, readonly string[]>): Map<string, Host> {
    const direct = this.#directGroups();
    const order = new Map<string, readonly Group[]>();
    // Hosts of the same groups share one list.
    const ordered = (names: readonly string[]): readonly Group[] => {
      const key = names.join("\n");
      const known = order.get(key);
      if (known !== undefined) return known;
      const all = withAncestors([...names, "all"], parents);
      const found = [...all].flatMap((name) => groups.get(name) ?? []).sort(byPrecedence);
      order.set(key, found);
      return found;
    };
    return new Map(
      [...this.#hosts].map(([name, variables]) => [
        name,
        { name, variables, source: this.#sources.get(name), groups: ordered(direct.get(name) ?? []) },
      ]),
    );
  }
}

function data(message: string, place: string | undefined, hint: string | undefined): ErrorData {
  return {
    code: "bad_inventory",
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined ? {} : { place }),
  };
}

function withAncestors(names: readonly string[], parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...(parents.get(name) ?? []));
  }
  return found;
}

/** Parents before children, then by `ansible_group_priority`, then by name: the later one's variables win. */
function byPrecedence(a: Group, b: Group): number {
  return a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : 1);
}
