import { isDeepStrictEqual } from "node:util";
import type { Answer, Case } from "./reference.ts";

type Whole = Exclude<Answer, { error: string }>;

/** What differs between Ansible's answer and ours, a line each; empty where they agree. */
export function compare(theirs: Answer, ours: Answer, { patterns }: Case): string[] {
  if ("error" in theirs || "error" in ours) {
    if ("error" in theirs && "error" in ours) return [];
    return [`Ansible ${told(theirs)}, flashfleet ${told(ours)}`];
  }
  const found: string[] = [];
  const differ = (what: string, a: unknown, b: unknown) => {
    if (!isDeepStrictEqual(a, b)) found.push(`${what}:\n  ${JSON.stringify(a)}\n  ${JSON.stringify(b)}`);
  };
  differ("hosts", Object.keys(theirs.hosts), Object.keys(ours.hosts));
  for (const [name, host] of Object.entries(theirs.hosts)) differ(`host ${name}`, host, ours.hosts[name]);
  differ("groups", Object.keys(theirs.groups), Object.keys(ours.groups));
  const open = new Set(Object.keys(theirs.groups).filter((name) => isOpen(theirs, name)));
  for (const [name, group] of Object.entries(theirs.groups)) {
    const own = ours.groups[name];
    const ordered = (each: typeof group | undefined) =>
      each === undefined || !open.has(name) ? each : { ...each, hosts: each.hosts.toSorted() };
    differ(`group ${name}`, ordered(group), ordered(own));
  }
  for (const [index, { pattern, limit }] of patterns.entries()) {
    const what = `pattern ${pattern}${limit === null ? "" : ` within ${limit}`}`;
    const [a, b] = [theirs.patterns[index], ours.patterns[index]];
    if (a === undefined || b === undefined) found.push(`${what} has no answer`);
    else if (/\[-?\d/.test(`${pattern} ${limit}`) && open.size > 0) continue;
    else if (isEmpty(b)) continue;
    else if (a.error !== undefined || b.error !== undefined) differ(what, a.error === undefined, b.error === undefined);
    else {
      const hosts = (each: typeof a) => (open.size > 0 ? each.hosts?.toSorted() : each.hosts);
      differ(what, hosts(a), hosts(b));
      // What has no hosts is told here too.
      const silent = a.unmatched.filter((name) => !b.unmatched.includes(name));
      differ(`${what}: names that nobody hears of`, silent, []);
    }
  }
  return found;
}

function told(answer: Answer): string {
  return "error" in answer ? `refuses (${answer.error})` : "takes it";
}

/** An empty pattern is a mistake here; Ansible takes it for `all`. */
function isEmpty({ error }: { error?: string | undefined }): boolean {
  return error?.endsWith(": it is empty") === true;
}

/**
 * Whether Ansible leaves the order of a group's hosts to chance: below the first level it walks through Python sets, so two
 * groups of one level that both have children come in any order.
 */
function isOpen({ groups }: Whole, name: string): boolean {
  const seen = new Set([name]);
  for (let level = [name]; level.length > 0; ) {
    const next = level.map((each) => groups[each]?.children.filter((child) => !seen.has(child)) ?? []);
    if (next.filter((children) => children.length > 0).length > 1) return true;
    level = [...new Set(next.flat())];
    for (const each of level) seen.add(each);
  }
  return false;
}
