import { FlashfleetError } from "../../shared/errors.ts";
import { Budget } from "../template/budget.ts";
import { compileRegex, matchAt } from "../template/regex/regex.ts";
import { didYouMean } from "../template/suggest.ts";
import { Refusal } from "../template/value.ts";
import { hostsOf, type Inventory } from "./inventory.ts";

export interface Matched {
  /** Host names, each once, in the order in which the pattern names them. */
  hosts: readonly string[];
  /** What names nothing, with a suggestion: people should hear of it, but it is no error by itself. */
  unmatched: readonly { name: string; hint: string | undefined }[];
}

export interface PatternOptions {
  /** `--limit`: a pattern that narrows the first. */
  limit?: string | undefined;
  /** The text of the file that `@file` names; undefined where there is none. */
  readFile?: ((path: string) => string | undefined) | undefined;
}

/**
 * The hosts that a pattern names, in Ansible's language: `a:b` or `a,b` both, `:&c` only those also in c, `:!d` without
 * d, wildcards, `~regex`, `g[0]`, `g[-1]`, `g[0:2]`, `@file`, `all`. Unions come first, then `&`, then `!`.
 * Throws `bad_argument` where the pattern itself is wrong.
 */
export function matchHosts(pattern: string, inventory: Inventory, { limit, readFile }: PatternOptions = {}): Matched {
  const matcher = new Matcher(inventory, readFile);
  const hosts = matcher.whole(pattern);
  const kept = limit === undefined || limit.trim() === "" ? undefined : new Set(matcher.whole(limit));
  return { hosts: kept === undefined ? hosts : hosts.filter((host) => kept.has(host)), unmatched: matcher.unmatched };
}

/** The parts of a pattern: between commas, or else between colons outside brackets. */
function splitPattern(pattern: string): string[] {
  const parts = pattern.includes(",") ? pattern.split(",") : (pattern.match(/~.*|(?:[^:[\]]+|\[[^\]]*\]?|\])+/g) ?? []);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

class Matcher {
  readonly unmatched: { name: string; hint: string | undefined }[] = [];
  readonly #inventory: Inventory;
  readonly #readFile: PatternOptions["readFile"];

  constructor(inventory: Inventory, readFile: PatternOptions["readFile"]) {
    this.#inventory = inventory;
    this.#readFile = readFile;
  }

  whole(pattern: string): string[] {
    const parts = splitPattern(pattern).flatMap((part) => this.#filed(part));
    const named = parts.filter((part) => !/^[&!]/.test(part));
    // Only with exclusions and intersections, they count from all hosts.
    let hosts = new Set(
      named.length === 0 && parts.length > 0 ? this.#one("all") : named.flatMap((part) => this.#one(part)),
    );
    for (const part of parts.filter((each) => each.startsWith("&"))) {
      const both = new Set(this.#one(part.slice(1)));
      hosts = new Set([...hosts].filter((host) => both.has(host)));
    }
    for (const part of parts.filter((each) => each.startsWith("!")))
      for (const host of this.#one(part.slice(1))) hosts.delete(host);
    return [...hosts];
  }

  /** `@file` stands for the lines of a file. */
  #filed(part: string): string[] {
    if (!part.startsWith("@")) return [part];
    const text = this.#readFile?.(part.slice(1));
    if (text === undefined)
      throw new FlashfleetError(
        "bad_argument",
        `cannot read the pattern '${part}': there is no file '${part.slice(1)}'`,
      );
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
  }

  #one(part: string): readonly string[] {
    const { name, subscript } = splitSubscript(part);
    const found = this.#named(name);
    if (found.length === 0 && name !== "all") {
      const known = [...this.#inventory.groups.keys(), ...this.#inventory.hosts.keys()];
      const hint = this.#inventory.groups.has(name) ? `the group '${name}' has no hosts` : didYouMean(name, known);
      if (!this.unmatched.some((each) => each.name === name)) this.unmatched.push({ name, hint });
    }
    return subscript === undefined ? found : subscript(found);
  }

  #named(name: string): readonly string[] {
    if (this.#inventory.groups.has(name)) return hostsOf(this.#inventory, name);
    if (this.#inventory.hosts.has(name)) return [name];
    if (!/^~|[*?[]/.test(name)) return [];
    const test = name.startsWith("~") ? regexTest(name) : wildcardTest(name);
    const groups = [...this.#inventory.groups.keys()].filter((group) => group !== "all" && test(group));
    const hosts = new Set(groups.flatMap((group) => hostsOf(this.#inventory, group)));
    if (test("all")) for (const host of hostsOf(this.#inventory, "all")) hosts.add(host);
    for (const host of this.#inventory.hosts.keys()) if (test(host)) hosts.add(host);
    return [...hosts];
  }
}

type Subscript = (hosts: readonly string[]) => readonly string[];

/** `g[0]`, `g[-1]`, `g[0:2]`, `g[1:]`: places in the list of a pattern's hosts, bounds included. */
function splitSubscript(part: string): { name: string; subscript: Subscript | undefined } {
  const match = part.startsWith("~") ? null : /^(.+)\[(-?\d+)?([:-])?(-?\d+)?\]$/.exec(part);
  const [, name = part, from, colon, to] = match ?? [];
  if (match === null || (from === undefined && colon === undefined)) return { name: part, subscript: undefined };
  if (colon === undefined) {
    const index = Number(from);
    return { name, subscript: (hosts) => [hosts.at(index)].filter((host) => host !== undefined) };
  }
  const start = Number(from ?? 0);
  const end = to === undefined ? -1 : Number(to);
  return { name, subscript: (hosts) => hosts.slice(start, end === -1 ? undefined : end + 1) };
}

function regexTest(pattern: string): (name: string) => boolean {
  try {
    const regex = compileRegex(pattern.slice(1));
    return (name) => matchAt(regex, name, 0, new Budget()) !== undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new FlashfleetError("bad_argument", `cannot read the pattern '${pattern}': ${error.message}`);
  }
}

/** A shell's wildcards: `*`, `?`, `[abc]`, `[!abc]`. */
function wildcardTest(pattern: string): (name: string) => boolean {
  const source = pattern.replaceAll(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1)
      return `[${part.startsWith("[!") ? "^" : ""}${part.slice(part.startsWith("[!") ? 2 : 1, -1).replaceAll(/[\\^]/g, "\\$&")}]`;
    return part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  const regex = compileRegex(source, { whole: true, dotAll: true });
  return (name) => matchAt(regex, name, 0, new Budget()) !== undefined;
}
