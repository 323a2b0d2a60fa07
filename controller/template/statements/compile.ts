import type { Source } from "../problem.ts";
import { readHeader, type Settings } from "../settings.ts";
import type { Node } from "./ast.ts";
import { parseNodes } from "./parse.ts";
import { splitPieces } from "./pieces.ts";

/** A text read as a template. */
export interface Compiled {
  readonly source: Source;
  /** With what its first line changed. */
  readonly settings: Settings;
  readonly nodes: readonly Node[];
  /** Whether there is more to it than text and expressions. */
  readonly hasStatements: boolean;
  /** Newlines at the end of the text: a rendering has at least as many. */
  readonly newlines: number;
}

/** Reads a text as a template. Throws `bad_template` with the place of the mistake. */
export function compileSource(source: Source, given: Settings): Compiled {
  const { settings, from } = readHeader(source, given);
  return { ...compilePart(source, settings, from), newlines: endNewlines(source.text) };
}

/** Reads a text that is included in another one: in Ansible its first line has no settings, and its last newline goes. */
export function compileIncluded(source: Source, settings: Settings): Compiled {
  return compilePart(source, settings, 0);
}

function compilePart(source: Source, settings: Settings, from: number): Compiled {
  const nodes = parseNodes(source, splitPieces(source, from, settings));
  const hasStatements = nodes.some((node) => node.is !== "text" && node.is !== "print");
  return { source, settings, nodes, hasStatements, newlines: 0 };
}

/** The newlines that a text ends with, as Ansible counts them. */
export function endNewlines(text: string): number {
  let at = text.length;
  while (at > 0 && text.charCodeAt(at - 1) === 10) at--;
  return text.length - at;
}
