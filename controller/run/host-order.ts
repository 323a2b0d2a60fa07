import type { HostOrder } from "../project/playbook.ts";

/** The hosts of a play as its `order` has them; a shuffle is another one each time. */
export function inOrder(hosts: readonly string[], order: HostOrder): string[] {
  if (order === "reverse_inventory") return hosts.toReversed();
  if (order === "sorted") return hosts.toSorted();
  if (order === "reverse_sorted") return hosts.toSorted().reverse();
  return order === "shuffle" ? shuffled(hosts) : [...hosts];
}

function shuffled(hosts: readonly string[]): string[] {
  const mixed = [...hosts];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    const [a, b] = [mixed[last], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}
