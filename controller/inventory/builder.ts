import type { ErrorData } from "../../shared/errors.ts";
import type { Group, Host, Inventory, Variables } from "./inventory.ts";
import { VariableSet } from "./variable-set.ts";

interface GroupDraft {
  name: string;
  children: Map<string, () => string>;
  hosts: Set<string>;
  variables: Variables;
}

function noVariables(): Variables {
  return { inline: new VariableSet(), beside: new VariableSet(), playbook: new VariableSet() };
}

/** An inventory in the making: what several sources say adds up. */
export class InventoryBuilder {
  readonly problems: ErrorData[] = [];
  readonly #groups = new Map<string, GroupDraft>();
  readonly #hosts = new Map<string, Variables>();

  constructor() {
    this.group("all");
    this.group("ungrouped");
  }

  problem(message: string, place: string | undefined, hint?: string): void {
    this.problems.push({
      code: "bad_inventory",
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(place === undefined ? {} : { place }),
    });
  }

  /** Makes the group if it is new. */
  group(name: string): Variables {
    const known = this.#groups.get(name);
    if (known !== undefined) return known.variables;
    const draft = { name, children: new Map(), hosts: new Set<string>(), variables: noVariables() };
    this.#groups.set(name, draft);
    return draft.variables;
  }

  child(parent: string, child: string, place: () => string): void {
    this.group(parent);
    this.group(child);
    const children = this.#groups.get(parent)?.children;
    if (children?.has(child) === false) children.set(child, place);
  }

  /** Makes the host if it is new, and puts it into the group. */
  host(group: string, name: string): Variables {
    this.group(group);
    this.#groups.get(group)?.hosts.add(name);
    let variables = this.#hosts.get(name);
    if (variables === undefined) {
      variables = noVariables();
      this.#hosts.set(name, variables);
    }
    return variables;
  }

  knownGroup(name: string): Variables | undefined {
    return this.#groups.get(name)?.variables;
  }

  knownHost(name: string): Variables | undefined {
    return this.#hosts.get(name);
  }

  /** The inventory, with its mistakes in `problems`: a cycle is one, and is cut. */
  build(): Inventory {
    this.#cutCycles();
    this.#adopt();
    const depths = this.#depths();
    const groups = new Map<string, Group>();
    for (const { name, children, hosts, variables } of this.#groups.values()) {
      groups.set(name, {
        name,
        children: [...children.keys()],
        hosts: [...hosts],
        depth: depths.get(name) ?? 0,
        variables,
      });
    }
    return { groups, hosts: this.#placedHosts(groups) };
  }

  /** Groups without a parent are children of `all`; hosts in no other group are `ungrouped`. */
  #adopt(): void {
    const all = this.#groups.get("all");
    const ungrouped = this.#groups.get("ungrouped");
    if (all === undefined || ungrouped === undefined) return;
    const hasParent = new Set(
      [...this.#groups.values()].filter(({ name }) => name !== "all").flatMap(({ children }) => [...children.keys()]),
    );
    const given = new Map(all.children);
    all.children = new Map([["ungrouped", () => ""]]);
    for (const [name, place] of given) all.children.set(name, place);
    for (const { name } of this.#groups.values())
      if (name !== "all" && !hasParent.has(name) && !all.children.has(name)) all.children.set(name, () => "");
    const grouped = new Set<string>();
    for (const { name, hosts } of this.#groups.values())
      if (name !== "all" && name !== "ungrouped") for (const host of hosts) grouped.add(host);
    ungrouped.hosts = new Set([...this.#hosts.keys()].filter((host) => !grouped.has(host)));
    all.hosts = new Set();
  }

  #cutCycles(): void {
    const finished = new Set<string>();
    const path: string[] = [];
    const visit = (name: string) => {
      path.push(name);
      for (const [child, place] of [...(this.#groups.get(name)?.children ?? [])]) {
        if (path.includes(child)) {
          const cycle = [...path.slice(path.indexOf(child)), child].join(" → ");
          this.problem(
            `cannot read the inventory: the group '${child}' is its own child: ${cycle}`,
            place(),
            "take it out of one of them",
          );
          this.#groups.get(name)?.children.delete(child);
        } else if (!finished.has(child)) visit(child);
      }
      path.pop();
      finished.add(name);
    };
    for (const name of this.#groups.keys()) if (!finished.has(name)) visit(name);
  }

  #depths(): Map<string, number> {
    const parents = this.#parents();
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

  #parents(): Map<string, string[]> {
    const parents = new Map<string, string[]>();
    for (const { name, children } of this.#groups.values()) {
      for (const child of children.keys()) parents.set(child, [...(parents.get(child) ?? []), name]);
    }
    return parents;
  }

  #placedHosts(groups: ReadonlyMap<string, Group>): Map<string, Host> {
    const parents = this.#parents();
    const direct = new Map<string, string[]>();
    for (const { name, hosts } of groups.values()) {
      for (const host of hosts) {
        const known = direct.get(host);
        if (known === undefined) direct.set(host, [name]);
        else known.push(name);
      }
    }
    const order = new Map<string, readonly Group[]>();
    const ordered = (names: readonly string[]): readonly Group[] => {
      const key = names.join("\n");
      const known = order.get(key);
      if (known !== undefined) return known;
      const all = withAncestors(names, parents);
      const found = [...all].flatMap((name) => groups.get(name) ?? []).sort(byPrecedence);
      order.set(key, found);
      return found;
    };
    return new Map(
      [...this.#hosts].map(([name, variables]) => [
        name,
        { name, variables, groups: ordered(direct.get(name) ?? ["ungrouped"]) },
      ]),
    );
  }
}

function withAncestors(names: readonly string[], parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>(["all"]);
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
  return a.depth - b.depth || priority(a) - priority(b) || (a.name < b.name ? -1 : 1);
}

function priority({ variables }: Group): number {
  const value = Number(variables.inline.written("ansible_group_priority") ?? 1);
  return Number.isFinite(value) ? value : 1;
}
