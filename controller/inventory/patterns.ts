import { FlashfleetError } from "../../shared/errors.ts";
import { Budget } from "../template/budget.ts";
import { compileRegex, matchAt } from "../template/regex/regex.ts";
import { didYouMean } from "../template/suggest.ts";
import { Refusal } from "../template/value.ts";
import { hostsOf, type Inventory } from "./inventory.ts";
import { splitPattern, splitSubscript } from "./pattern-parts.ts";
import { wildcardTest } from "./wildcards.ts";

/** What a pattern names, and is not there, with a suggestion. */
export interface Unmatched {
  name: string;
  hint: string | undefined;
}

export interface Matched {
  /** Host names, each once, in the order in which the pattern names them. */
  hosts: readonly string[];
  /** What names nothing: people should hear of it, but it is no error by itself. */
  unmatched: readonly Unmatched[];
}

export interface PatternOptions {
  /** `--limit`: a pattern that narrows the first. */
  limit?: string | undefined;
  /** The text of the file that `@file` names; undefined where there is none. */
  readFile?: ((path: string) => string | undefined) | undefined;
}

/** What is unknown in a pattern, for hints; "" where nothing is. */
export function unknownNames(unmatched: readonly Unmatched[]): string {
  return unmatched.map(({ name, hint }) => (hint === undefined ? name : `${name} (${hint})`)).join(", ");
}

/** Names of an inventory that stand for the machine itself: here they are hosts like others. */
const localNames = ["localhost", "127.0.0.1", "::1"];

/**
 * The hosts that a pattern names, in Ansible's language: `a:b` or `a,b` both, `:&c` only those also in c, `:!d` without
 * d, wildcards, `~regex`, `g[0]`, `g[-1]`, `g[0:2]`, `@file`, `all`. Unions come first, then `&`, then `!`.
 * Throws `bad_argument` where the pattern itself is wrong, `no_hosts` where a place is asked for that a list does not have.
 */
export function matchHosts(pattern: string, inventory: Inventory, { limit, readFile }: PatternOptions = {}): Matched {
  const matcher = new Matcher(inventory, readFile);
  const hosts = matcher.whole(pattern);
  const kept = limit === undefined || limit.trim() === "" ? undefined : new Set(matcher.whole(limit));
  return { hosts: kept === undefined ? hosts : hosts.filter((host) => kept.has(host)), unmatched: matcher.unmatched };
}

class Matcher {
  readonly unmatched: Unmatched[] = [];
  readonly #inventory: Inventory;
  readonly #readFile: PatternOptions["readFile"];

  constructor(inventory: Inventory, readFile: PatternOptions["readFile"]) {
    this.#inventory = inventory;
    this.#readFile = readFile;
  }

  whole(pattern: string): string[] {
    const parts = splitPattern(pattern).flatMap((part) => this.#filed(part));
    if (parts.length === 0)
      throw new FlashfleetError("bad_argument", `cannot read the pattern '${pattern}': it is empty`, {
        hint: "all names every host",
      });
    const named = parts.filter((part) => !/^[&!]/.test(part));
    // Only with exclusions and intersections, they count from all hosts.
    let hosts = new Set((named.length === 0 ? ["all"] : named).flatMap((part) => this.#host(part) ?? this.#one(part)));
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

  /** A host's own name means the host, also where a group has the same one. */
  #host(part: string): readonly string[] | undefined {
    return this.#inventory.hosts.has(part) ? [part] : undefined;
  }

  #one(part: string): readonly string[] {
    if (part === "")
      throw new FlashfleetError("bad_argument", "cannot read the pattern: '&' or '!' stands before nothing");
    const { name, take } = splitSubscript(part);
    const found = this.#named(name);
    if (found.length === 0) {
      this.#miss(name);
      return [];
    }
    const taken = take === undefined ? found : take(found);
    if (taken !== undefined) return taken;
    throw new FlashfleetError("no_hosts", `no host matches ${part}: '${name}' has ${found.length}`, {
      hint: `places count from 0; the last one is ${name}[-1]`,
    });
  }

  #miss(name: string): void {
    if (name === "all" || this.unmatched.some((each) => each.name === name)) return;
    const known = [...this.#inventory.groups.keys(), ...this.#inventory.hosts.keys()];
    const hint = this.#inventory.groups.has(name)
      ? `the group '${name}' has no hosts`
      : localNames.includes(name)
        ? "this machine is a host where it has an agent and the inventory names it; there is no implicit localhost"
        : didYouMean(name, known);
    this.unmatched.push({ name, hint });
  }

  /** All that a name or wildcard stands for, groups first; a host that is there in two ways is there twice. */
  #named(name: string): readonly string[] {
    const { groups, hosts } = this.#inventory;
    if (!/^~|[*?[]/.test(name)) return groups.has(name) ? hostsOf(this.#inventory, name) : (this.#host(name) ?? []);
    const test = name.startsWith("~") ? regexTest(name) : wildcardTest(name);
    const found: string[] = [];
    for (const group of groups.keys())
      if (test(group)) for (const host of hostsOf(this.#inventory, group)) found.push(host);
    for (const host of hosts.keys()) if (test(host)) found.push(host);
    return found;
  }
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
