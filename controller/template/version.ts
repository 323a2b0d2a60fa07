import { excerpt, Refusal } from "./value.ts";

/** How versions are read: Ansible's `version_type`. */
export type VersionType = "loose" | "strict" | "semver";

/**
 * Negative, zero or positive as one version comes before, with or after another. Throws a Refusal for what is no such version,
 * and where a number meets a word.
 */
export function compareVersions(a: string, b: string, type: VersionType): number {
  if (type === "loose") return compareParts(looseParts(a), looseParts(b), `'${a}' and '${b}'`);
  return type === "strict" ? compareStrict(a, b) : compareSemantic(a, b);
}

/** Numbers, words, and what stands between them, dots left out. */
function looseParts(version: string): (number | string)[] {
  return version
    .split(/(\d+|[a-z]+|\.)/)
    .filter((part) => part !== "" && part !== ".")
    .map((part) => (/^\s*[+-]?\d+\s*$/.test(part) ? Number(part) : part));
}

function compareParts(a: readonly (number | string)[], b: readonly (number | string)[], what: string): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (typeof part !== typeof other)
      throw new Refusal(
        `${what} cannot be compared: '${part}' meets '${other}'`,
        "version_type='semver' compares both",
      );
    return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

function compareStrict(a: string, b: string): number {
  const read = (version: string) => {
    const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
    if (found === null)
      throw new Refusal(
        `${excerpt(version)} is no strict version`,
        "it is like 1.2, 1.2.3 or 1.2b1; without strict more is fine",
      );
    const [, major, minor, patch = "0", letter, number] = found;
    // What has no letter is later than all that have one.
    return [Number(major), Number(minor), Number(patch), letter ?? "c", Number(number ?? 0)];
  };
  return compareParts(read(a), read(b), `'${a}' and '${b}'`);
}

const semantic =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** Semantic Versioning 2.0.0, section 11. */
function compareSemantic(a: string, b: string): number {
  const read = (version: string) => {
    const found = version.length > 1000 ? null : semantic.exec(version);
    if (found === null)
      throw new Refusal(`${excerpt(version)} is no semantic version`, "it is like 1.2.3 or 1.2.3-rc.1");
    const [, major, minor, patch, before] = found;
    return { core: [Number(major), Number(minor), Number(patch)], before: before?.split(".") };
  };
  const [one, two] = [read(a), read(b)];
  const core = compareParts(one.core, two.core, "");
  if (core !== 0) return core;
  if (one.before === undefined || two.before === undefined)
    return (one.before === undefined ? 1 : 0) - (two.before === undefined ? 1 : 0);
  for (const [index, part] of one.before.entries()) {
    const other = two.before[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return one.before.length - two.before.length;
}

function compareIdentifiers(a: string, b: string): number {
  const [first, second] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (first && second) return Number(a) - Number(b);
  if (first !== second) return first ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
