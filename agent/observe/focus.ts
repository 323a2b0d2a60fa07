/** Names of things: these, or whatever there is. */
export type Chosen = "all" | ReadonlySet<string>;

const details = ["reported", "settable", "every"] as const;
export type Detail = (typeof details)[number];

/**
 * Of which things an observation reads more than their names. Where there are hundreds of exports and connections, a task
 * that concerns one of them must not pay for all.
 */
export interface Focus {
  /** NQNs of nvmet's subsystems. */
  subsystems: Chosen;
  /** NQNs of nvmet's hosts. */
  hosts: Chosen;
  /** NQNs of what this node may be connected to. */
  connections: Chosen;
  /** Links below /dev/disk/by-id; those that nvmet's namespaces name are read in any case. */
  links: Chosen;
  /** Kernel modules whose parameters are read, with `_` for `-`. */
  modules: Chosen;
  /** Of exports and connections: what the kernel shows, what a task can set, or what a report tells. */
  attributes: Detail;
}

const none: ReadonlySet<string> = new Set();

/** Names alone. */
export const nothing: Focus = {
  subsystems: none,
  hosts: none,
  connections: none,
  links: none,
  modules: none,
  attributes: "reported",
};

export const everything: Focus = {
  subsystems: "all",
  hosts: "all",
  connections: "all",
  links: "all",
  modules: "all",
  attributes: "every",
};

export function isChosen(chosen: Chosen, name: string): boolean {
  return chosen === "all" || chosen.has(name);
}

/** What either chooses. */
export function joinFocus(one: Focus, other: Partial<Focus>): Focus {
  const join = (part: Exclude<keyof Focus, "attributes">) => joinChosen(one[part], other[part] ?? none);
  return {
    subsystems: join("subsystems"),
    hosts: join("hosts"),
    connections: join("connections"),
    links: join("links"),
    modules: join("modules"),
    attributes: details.findLast((detail) => detail === one.attributes || detail === other.attributes) ?? "every",
  };
}

export function joinChosen(one: Chosen, other: Chosen): Chosen {
  return one === "all" || other === "all" ? "all" : new Set([...one, ...other]);
}
