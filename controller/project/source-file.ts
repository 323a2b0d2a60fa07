import type { Path } from "../template/compiled-value.ts";
import type { YamlNode } from "./yaml-node.ts";

/** A file of people's input: its name and the way from offsets to places. */
export class SourceFile {
  readonly name: string;
  readonly text: string;
  #lines: number[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** `file:line:column`, both counted from 1. */
  place(offset: number): string {
    this.#lines ??= lineStarts(this.text);
    let [low, high] = [0, this.#lines.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return `${this.name}:${low + 1}:${offset - (this.#lines[low] ?? 0) + 1}`;
  }

  /** The place of an offset within the text at a path below a node: exact where the text stands in the file as it is. */
  placeBelow(node: YamlNode, path: Path, offset: number): string {
    const part = nodeAt(node, path);
    if (part.is !== "scalar" || typeof part.value !== "string") return this.place(part.at);
    return this.place(offsetInFile(this.text.slice(part.at, part.to), part.value, offset) + part.at);
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The part that a path leads to, or the last one on the way that is there. */
export function nodeAt(node: YamlNode, path: Path): YamlNode {
  let part = node;
  for (const key of path) {
    const next =
      part.is === "list"
        ? part.items[Number(key)]
        : part.is === "mapping"
          ? part.entries.find((entry) => entry.key === key)?.value
          : undefined;
    if (next === undefined) return part;
    part = next;
  }
  return part;
}

/** Where the character at `offset` of a scalar's value stands in its source, by its line, which YAML seldom rewrites. */
function offsetInFile(raw: string, value: string, offset: number): number {
  const lineStart = value.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = value.indexOf("\n", offset);
  const line = value.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const found = line === "" ? -1 : raw.indexOf(line);
  return found < 0 ? 0 : found + offset - lineStart;
}
