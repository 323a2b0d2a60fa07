import { isMap, parseAllDocuments, type YAMLError } from "yaml";
import type { ErrorCode, ErrorData } from "../../shared/errors.ts";
import { readQuickYaml } from "./quick-yaml.ts";
import { SourceFile } from "./source-file.ts";
import { type Keyring, unlock } from "./vault/keyring.ts";
import { isVaultText } from "./vault/vault-text.ts";
import { type Tell, YamlConverter } from "./yaml-converter.ts";
import type { YamlNode } from "./yaml-node.ts";

/** Bytes of one file: an inventory of 10,000 hosts with many variables has about 10 MB. */
const mostText = 64 * 1024 * 1024;

export interface ParsedYaml {
  file: SourceFile;
  /** Undefined where the file is empty or nothing could be read. */
  root: YamlNode | undefined;
  problems: ErrorData[];
  /** What is read all the same. */
  warnings: ErrorData[];
}

export interface YamlOptions {
  /** Opens what a vault encrypted. Where a file is encrypted that holds a mapping, all of its values are secrets. */
  keyring?: Keyring | undefined;
  /** A key that is there twice is warned of, and the later one counts: as Ansible does. Else it is a mistake. */
  allowsDuplicates?: boolean;
  /** Whether the whole of YAML reads it even where a quicker way would do: tests compare the two. */
  isWhole?: boolean;
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
 * `bad_inventory`. Duplicate keys, several documents, tags but Ansible's, aliases that multiply, deep nesting and encrypted
 * files that cannot be opened are mistakes. Places in an encrypted file are those of its plaintext.
 */
export function parseYaml(name: string, text: string, code: ErrorCode, options: YamlOptions = {}): ParsedYaml {
  const parsed = { file: new SourceFile(name, text), problems: [], warnings: [] };
  if (!isVaultText(text)) return parseText(parsed, code, { ...options, isEncrypted: false });
  const unlocked = unlock(text, options.keyring);
  if (unlocked.is === "open")
    return parseText({ ...parsed, file: new SourceFile(name, unlocked.plaintext.reveal()) }, code, {
      ...options,
      isEncrypted: true,
    });
  const tell = teller(parsed.file, code, parsed.problems);
  tell(0, unlocked.reason, unlocked.hint);
  return { ...parsed, root: undefined };
}

function teller(file: SourceFile, code: ErrorCode, into: ErrorData[]): Tell {
  return (offset, reason, hint) => {
    const message = `cannot read ${file.name}: ${reason}`;
    into.push({ code, message, ...(hint === undefined ? {} : { hint }), place: file.place(offset) });
  };
}

function parseText(
  parsed: Omit<ParsedYaml, "root">,
  code: ErrorCode,
  { isEncrypted, isWhole, ...options }: YamlOptions & { isEncrypted: boolean },
): ParsedYaml {
  const { file, problems } = parsed;
  const { text } = file;
  const tell = teller(file, code, problems);
  const warn = teller(file, code, parsed.warnings);
  if (text.length > mostText) {
    tell(0, `it has more than ${mostText} characters`);
    return { ...parsed, root: undefined };
  }
  const quick = isEncrypted || isWhole ? undefined : readQuickYaml(text);
  if (quick !== undefined) return { ...parsed, root: quick };
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
      contents === undefined || problems.length > 0
        ? undefined
        : new YamlConverter({ ...options, isSecret: isEncrypted && isMap(contents), file, tell, warn }).convert(
            contents,
          );
    return { ...parsed, root };
  } catch (error) {
    // The parser recurses: only nesting without measure can exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    tell(0, "it is nested too deep");
    return { ...parsed, root: undefined };
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
