import { parseAddress } from "./address.ts";

/**
 * The parts of a pattern: between commas, and between colons and white space, but not those within brackets. An address, or
 * a host with a port, is one part (`split_host_pattern` of Ansible, which takes colons for parts only where there is no comma).
 */
export function splitPattern(pattern: string): string[] {
  const pieces = pattern.split(",").map((piece) => piece.trim());
  return pieces.flatMap((piece) => {
    const isAlone = pieces.length === 1;
    if (parseAddress(isAlone ? piece : piece.replace(/^[&!]/, "")) !== undefined) return [piece];
    const parts = piece.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [];
    // Of one that is not alone nothing may be lost but colons.
    return isAlone || piece === "" || parts.join(":") === piece ? parts : [piece];
  });
}

export interface Subscript {
  /** The pattern before the brackets. */
  name: string;
  /** Undefined: all of its hosts. */
  take: ((hosts: readonly string[]) => readonly string[] | undefined) | undefined;
}

/**
 * `g[0]`, `g[-1]`, `g[0:2]`, `g[1:]`: places in the list of a pattern's hosts, bounds included. `take` gives undefined where
 * there is no such place; of a slice it takes what there is.
 */
export function splitSubscript(part: string): Subscript {
  const match = part.startsWith("~") ? null : /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/s.exec(part);
  if (match === null) return { name: part, take: undefined };
  const [, name = part, index, start, end] = match;
  const to = Number(end ?? "");
  // As Ansible has it, a slice that ends at 0 is the place that it begins at.
  const place = index !== undefined ? Number(index) : end !== "" && to === 0 ? Number(start) : undefined;
  if (place !== undefined) {
    return {
      name,
      take: (hosts) => {
        const host = hosts.at(place);
        return host === undefined ? undefined : [host];
      },
    };
  }
  return { name, take: (hosts) => hosts.slice(Number(start), end === "" ? undefined : to + 1) };
}
