import type { Tagged, Written } from "../template/tagged.ts";

/** A part of a YAML file with its place; `at` and `to` are offsets in the file's text. */
export type YamlNode = YamlMapping | YamlList | YamlScalar;

interface YamlMapping {
  is: "mapping";
  at: number;
  to: number;
  entries: readonly YamlEntry[];
}

export interface YamlEntry {
  key: string;
  keyAt: number;
  value: YamlNode;
}

interface YamlList {
  is: "list";
  at: number;
  to: number;
  items: readonly YamlNode[];
}

interface YamlScalar {
  is: "scalar";
  at: number;
  to: number;
  /** Of a tagged one that cannot be opened: nothing. */
  value: string | number | boolean | null;
  /** Where it is more than its characters; `value` is then what a reader that knows no tags works with. */
  tagged?: Tagged;
}

/** The data of a node. A part that several aliases name is one object. */
export function nodeToJson(node: YamlNode): Written {
  if (node.is === "scalar") return node.tagged ?? node.value;
  if (node.is === "list") return node.items.map(nodeToJson);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, nodeToJson(value)]));
}

export function entryOf(node: YamlNode, key: string): YamlEntry | undefined {
  return node.is === "mapping" ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** What people call the node's type, with a scalar's value. */
export function describeNode(node: YamlNode): string {
  if (node.is !== "scalar") return node.is === "list" ? "a list" : "a mapping";
  if (node.tagged?.isSecret === true) return "a secret";
  if (node.value === null) return "nothing";
  return typeof node.value === "string"
    ? `the text '${node.value.length > 40 ? `${node.value.slice(0, 37)}…` : node.value}'`
    : String(node.value);
}
