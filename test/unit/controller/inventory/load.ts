import { expect } from "vitest";
import { groupsVariable, hostLayers, magicLayer } from "../../../../controller/inventory/host-layers.ts";
import type { Inventory } from "../../../../controller/inventory/inventory.ts";
import { parseInventory } from "../../../../controller/inventory/parse-inventory.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";

/** An inventory without a mistake. */
export function load(
  files: Record<string, string>,
  sources = Object.keys(files).slice(0, 1),
  playbookFolders: string[] = [],
): Inventory {
  const { inventory, problems } = parseInventory({ files, sources, playbookFolders });
  expect(problems).toEqual([]);
  return inventory;
}

/** What an expression gives on a host. */
export function variable(inventory: Inventory, host: string, expression: string) {
  const found = inventory.hosts.get(host);
  if (found === undefined) throw new Error(`no host ${host}`);
  const scope = new Scope([magicLayer(found, groupsVariable(inventory)), ...hostLayers(found)]);
  return compileTemplate(`{{ ${expression} }}`).evaluate(scope);
}

export const fleet = `
all:
  vars: {service_id: 4420, url: "{{ address }}:{{ service_id }}"}
  hosts:
    lone:
  children:
    targets:
      hosts:
        flash[01:03]: {address: 10.0.0.1}
      vars: {role: target, service_id: 4421}
    initiators:
      children:
        databases:
          hosts: {'db[a:b]': {}, flash02: {role: both}}
          vars: {role: db, enabled: yes}
      vars: {role: initiator, tier: 1}
`;
