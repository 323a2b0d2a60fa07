import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type YAMLError } from "yaml";
import type { ErrorCode, ErrorData } from "../../shared/errors.ts";
import { readPlainScalar } from "./plain-scalar.ts";
import { SourceFile } from "./source-file.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

/** Bytes of one file: an inventory of 10,000 hosts with many variables has about 10 MB. */
const mostText = 64 * 1024 * 1024;
const mostNesting = 100;
/** Nodes that all aliases of a file may stand for together; honest files have some hundreds. */
const mostAliased = 50_000;

export interface ParsedYaml {
  file: SourceFile;
  /** Undefined where the file is empty or nothing could be read. */
  root: YamlNode | undefined;
  problems: ErrorData[];
}

/** What the parser's own words mean for people, with a remedy. */
const explanations: Readonly<Record<string, readonly [reason: string, hint?: string]>> = {
  TAB_AS_INDENT: ["a tab indents the line", "YAML takes spaces only"],
  BLOCK_AS_IMPLICIT_KEY: [
    "a value cannot begin a mapping or a list here",
    "check the indentation, and put quotes around a value that has ': ' in it",
  ],
  MULTILINE_IMPLICIT_KEY: [
    "the indentation does not fit the lines above",
    "keys of one mapping, and dashes of one list, stand in one column",
  ],
  BAD_INDENT: [
    "the indentation does not fit the lines above",
    "keys of one mapping, and dashes of one list, stand in one column",
  ],
  BAD_SCALAR_START: ["a text without quotes cannot begin so", "put quotes around it"],
  BAD_ALIAS: ["the alias names no anchor", "put quotes around a text that begins with *"],
  BAD_DIRECTIVE: ["a line that begins with % is a directive", "put quotes around a text that begins with %"],
  RESOURCE_EXHAUSTION: ["it is nested too deep"],
  MULTIPLE_DOCS: ["the file holds several documents", "make a file of each"],
  UNEXPECTED_TOKEN: ["this does not fit here", "check the indentation and the quotes"],
};

/**
 * Reads a YAML file with the places of its parts, all mistakes at once. `code` is what they are: `bad_playbook`,
 * `bad_inventory`. Duplicate keys, several documents, tags, aliases that multiply and deep nesting are mistakes.
 */
export function parseYaml(name: string, text: string, code: ErrorCode): ParsedYaml {
  const file = new SourceFile(name, text);
  const problems: ErrorData[] = [];
  const tell = (offset: number, reason: string, hint?: string) => {
    const message = `cannot read ${name}: ${reason}`;
    problems.push({ code, message, ...(hint === undefined ? {} : { hint }), place: file.place(offset) });
  };
  if (text.length > mostText) {
    tell(0, `it has more than ${mostText} characters`);
    return { file, root: undefined, problems };
  }
  try {
    const [document, second] = parseAllDocuments(text, {
      schema: "failsafe",
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "silent",
    });
    // Behind the first mistake the parser often only stumbles on. Its warnings are of tags, which the converter tells.
    const [first] = document?.errors ?? [];
    if (first !== undefined) explain(first, text, tell);
    if (second !== undefined && problems.length === 0)
      tell(second.range?.[0] ?? 0, "the file holds several documents", "make a file of each");
    const contents = document?.contents ?? undefined;
    const root =
      contents === undefined || problems.length > 0 ? undefined : new Converter(tell, text).convert(contents);
    return { file, root, problems };
  } catch (error) {
    // The parser recurses: only nesting without measure can exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    tell(0, "it is nested too deep");
    return { file, root: undefined, problems };
  }
}

function explain(error: YAMLError, text: string, tell: Tell): void {
  const [at] = error.pos;
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const isTabbed = /^ *\t/.test(text.slice(lineStart, lineStart + 200));
  const code = isTabbed ? "TAB_AS_INDENT" : error.code;
  const [reason, hint] = explanations[code] ?? [error.message.charAt(0).toLowerCase() + error.message.slice(1)];
  tell(isTabbed ? lineStart : at, reason, hint);
}

type Tell = (offset: number, reason: string, hint?: string) => void;

/** Turns the parser's nodes into ours; a part that is aliased becomes one node. */
class Converter {
  readonly #tell: Tell;
  readonly #text: string;
  readonly #anchors = new Map<string, { node: YamlNode; size: number }>();
  #size = 0;
  #aliased = 0;

  constructor(tell: Tell, text: string) {
    this.#tell = tell;
    this.#text = text;
  }

  convert(node: Node, depth = 0): YamlNode {
    const before = this.#size++;
    const [at, to] = node.range ?? [0, 0];
    if (depth > mostNesting) {
      if (depth === mostNesting + 1) this.#tell(at, `it is nested more than ${mostNesting} deep`);
      return { is: "scalar", at, to, value: null };
    }
    if (isAlias(node)) return this.#alias(node.source, at);
    const { tag } = node;
    if (tag !== undefined && !/^tag:yaml\.org,2002:(str|map|seq|bool|int|float|null)$/.test(tag)) {
      this.#tell(
        at,
        `the tag '${tag}' is not supported yet`,
        tag === "!vault" ? "give the secret with -e @file until vaults are read" : "leave it out",
      );
    }
    const result = this.#inner(node, at, to, depth);
    if (!isAlias(node) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, { node: result, size: this.#size - before });
    return result;
  }

  #inner(node: Node, at: number, to: number, depth: number): YamlNode {
    if (isSeq(node)) {
      return { is: "list", at, to, items: node.items.map((item) => this.#part(item, at, depth)) };
    }
    if (isMap(node)) return { is: "mapping", at, to, entries: this.#entries(node.items, at, depth) };
    if (!isScalar(node)) return { is: "scalar", at, to, value: null };
    const source = typeof node.value === "string" ? node.value : "";
    const isText = node.type !== "PLAIN" || node.tag === "tag:yaml.org,2002:str";
    return { is: "scalar", at, to, value: isText ? source : readPlainScalar(source) };
  }

  #part(item: unknown, at: number, depth: number): YamlNode {
    return isNode(item) ? this.convert(item, depth + 1) : { is: "scalar", at, to: at, value: null };
  }

  #entries(pairs: readonly { key: unknown; value: unknown }[], at: number, depth: number): YamlEntry[] {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlEntry[] = [];
    for (const { key, value } of pairs) {
      const keyAt = isNode(key) ? (key.range?.[0] ?? at) : at;
      if (!isScalar(key)) {
        this.#wrongKey(keyAt);
        continue;
      }
      const name = String(key.value ?? "");
      const node = this.#part(value, keyAt, depth);
      if (name === "<<" && key.type === "PLAIN") merged.push(...this.#merged(node));
      else if (entries.has(name)) this.#tell(keyAt, `the key '${name}' is there twice`, "keep one of them");
      else entries.set(name, { key: name, keyAt, value: node });
    }
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return [...entries.values()];
  }

  #merged(node: YamlNode): readonly YamlEntry[] {
    if (node.is === "mapping") return node.entries;
    if (node.is === "list") return node.items.flatMap((item) => this.#merged(item));
    this.#tell(node.at, "'<<' merges mappings only", "give it an alias of a mapping");
    return [];
  }

  #wrongKey(at: number): void {
    const isTemplate = this.#text.slice(at - 1, at + 1) === "{{";
    if (isTemplate) this.#tell(at - 1, "a value that begins with {{ needs quotes", 'write "{{ … }}"');
    else this.#tell(at, "a key must be text");
  }

  #alias(name: string, at: number): YamlNode {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) {
      this.#tell(at, `the alias '*${name}' names no anchor before it`);
      return { is: "scalar", at, to: at, value: null };
    }
    this.#size += anchor.size;
    this.#aliased += anchor.size;
    if (this.#aliased <= mostAliased) return anchor.node;
    if (this.#aliased - anchor.size <= mostAliased)
      this.#tell(
        at,
        `its aliases stand for more than ${mostAliased} parts`,
        "write the parts out, or use fewer aliases",
      );
    return { is: "scalar", at, to: at, value: null };
  }
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}
