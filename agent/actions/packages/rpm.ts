import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import type { Transaction } from "./simulated.ts";

/** Whether what a task names is installed: by name, with version, release and architecture as far as it gives them, or what provides it. */
export async function isRpmInstalled(spec: string, context: ActionContext): Promise<boolean> {
  const name = rpmSpec(spec);
  const byName = await look(["rpm", "-q", "--", name], context);
  if (byName.code === 0) return true;
  return spec.includes("=") ? false : (await look(["rpm", "-q", "--whatprovides", "--", name], context)).code === 0;
}

/** `name=version` as dnf and rpm write it. */
export function rpmSpec(spec: string): string {
  return spec.replace("=", "-");
}

/** What goes along because of what dnf does, apart from what was named. */
export interface DnfTransaction extends Transaction {
  /** They need what is removed. */
  dependents: readonly string[];
}

/** The table that dnf shows before it asks. A row that is too long for a line goes on in the next one, further in. */
export function parseDnfTable(text: string): DnfTransaction {
  const installs = new Map<string, { before: string | undefined; after: string }>();
  const removes = new Map<string, string>();
  const dependents: string[] = [];
  let section = "";
  const lines = text.replaceAll(/\n {2,}(?!replacing )(?=\S)/g, " ").split("\n");
  for (const line of lines) {
    section = /^([A-Z][a-z ]+):$/.exec(line)?.[1] ?? (line.startsWith("Transaction Summary") ? "" : section);
    const [, old, version = ""] = /^ +replacing +(\S+?)(?:\.\w+)? +(\S+)/.exec(line) ?? [];
    if (old !== undefined && !installs.has(old)) removes.set(old, version);
    const [, name, , after = ""] = /^ (?! )(\S+) +(\S+) +(\S+) +\S+/.exec(line) ?? [];
    if (name === undefined || name === "Package") continue;
    if (/^(Installing|Upgrading|Downgrading|Reinstalling)/.test(section))
      installs.set(name, { before: undefined, after });
    if (section.startsWith("Removing")) removes.set(name, after);
    if (section === "Removing dependent packages") dependents.push(name);
  }
  return { installs, removes, dependents };
}
