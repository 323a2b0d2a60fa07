import { loadProject } from "../../controller/project/load-project.ts";
import { renderError } from "../../shared/errors.ts";

/** What is wrong with a playbook, as people are told. */
export function mistakes(playbook: string, more: Partial<Parameters<typeof loadProject>[0]> = {}): string[] {
  const loaded = loadProject({ files: { "p.yaml": playbook }, playbooks: ["p.yaml"], inventories: [], ...more });
  return loaded.ok ? [] : loaded.errors.map(renderError);
}

/** A play with one task of the given lines. */
export const task = (...lines: string[]) =>
  mistakes(["- hosts: all", "  tasks:", ...lines.map((line) => `    ${line}`), ""].join("\n"));
