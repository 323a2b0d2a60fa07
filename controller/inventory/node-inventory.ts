import { InventoryBuilder } from "./builder.ts";
import type { Inventory } from "./inventory.ts";

/** An enrolled node as an inventory sees it; a label that is only there has the value true. */
export interface LabelledNode {
  id: string;
  labels: Readonly<Record<string, string | true>>;
}

/**
 * The inventory that stands in where none is given: the enrolled nodes. The label `targets` makes the group `targets`,
 * `rack=a` makes the group `rack_a` and the variable `rack`.
 */
export function inventoryOfNodes(nodes: readonly LabelledNode[]): Inventory {
  const builder = new InventoryBuilder();
  for (const { id, labels } of nodes) {
    const { inline } = builder.host("ungrouped", id);
    for (const [label, value] of Object.entries(labels)) {
      builder.host(groupName(value === true ? label : `${label}_${value}`), id);
      if (value !== true) inline.set(groupName(label), value);
    }
  }
  return builder.build();
}

function groupName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_]/g, "_");
}
