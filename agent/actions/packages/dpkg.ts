import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";

/** What dpkg has, by name, and by name with architecture. */
export interface Installed {
  versions: ReadonlyMap<string, string>;
  /** Of what is removed, and left configuration behind. */
  leftovers: ReadonlySet<string>;
  /** What installed packages stand in for. */
  provided: ReadonlySet<string>;
}

const fields = ["Package", "Architecture", "Version", "db:Status-Status", "Provides"];

/** One question for all: hundreds of packages are named as cheaply as one. Throws `not_found` where there is no dpkg. */
export async function readInstalled(context: ActionContext): Promise<Installed> {
  const format = `${fields.map((field) => `\${${field}}`).join("\\t")}\\n`;
  const { stdout } = await look(["dpkg-query", "-W", `-f=${format}`], context);
  return parseInstalled(stdout);
}

export function parseInstalled(text: string): Installed {
  const versions = new Map<string, string>();
  const leftovers = new Set<string>();
  const provided = new Set<string>();
  for (const line of text.split("\n")) {
    const [name = "", architecture = "", version = "", status, provides = ""] = line.split("\t");
    if (status === "config-files") leftovers.add(name);
    if (status !== "installed") continue;
    versions.set(name, version).set(`${name}:${architecture}`, version);
    for (const each of provides.split(",")) provided.add(each.trim().split(" ", 1)[0] ?? "");
  }
  provided.delete("");
  return { versions, leftovers, provided };
}

/** A name, and the version where one is asked for. */
export function splitSpec(spec: string): { name: string; version: string | undefined } {
  const [name = "", version] = spec.split("=");
  return { name, version };
}

/** Whether a name, or the version of it that is asked for, is there. What stands in for a name counts. */
export function isInstalled(spec: string, { versions, provided }: Installed): boolean {
  const { name, version } = splitSpec(spec);
  const there = versions.get(name);
  if (version === undefined) return there !== undefined || provided.has(name);
  return there === version;
}
