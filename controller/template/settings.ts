import { type Source, syntaxError } from "./problem.ts";
import { readPythonLiteral } from "./python-literal.ts";
import { didYouMean } from "./suggest.ts";

/** How a text is read as a template. */
export interface Settings {
  readonly block_start_string: string;
  readonly block_end_string: string;
  readonly variable_start_string: string;
  readonly variable_end_string: string;
  readonly comment_start_string: string;
  readonly comment_end_string: string;
  /** A newline right behind a statement or a comment goes with it. */
  readonly trim_blocks: boolean;
  /** White space between the start of a line and a statement or a comment goes with it. */
  readonly lstrip_blocks: boolean;
  readonly newline_sequence: "\n" | "\r\n" | "\r";
  readonly keep_trailing_newline: boolean;
  /**
   * Whether backslashes in texts within `{{ }}` stay as they are, which is how Ansible reads playbooks: YAML has its own.
   * Elsewhere Python's rules hold.
   */
  readonly keepsBackslashes: boolean;
}

/** Ansible's own for texts of a playbook and variables. */
export const playbookSettings: Settings = {
  block_start_string: "{%",
  block_end_string: "%}",
  variable_start_string: "{{",
  variable_end_string: "}}",
  comment_start_string: "{#",
  comment_end_string: "#}",
  trim_blocks: true,
  lstrip_blocks: false,
  newline_sequence: "\n",
  keep_trailing_newline: false,
  keepsBackslashes: true,
};

/** Ansible's own for template files. */
export const fileSettings: Settings = { ...playbookSettings, keepsBackslashes: false };

const header = "#jinja2:";
const marks = [
  "block_start_string",
  "block_end_string",
  "variable_start_string",
  "variable_end_string",
  "comment_start_string",
  "comment_end_string",
] as const;
const flags = ["trim_blocks", "lstrip_blocks", "keep_trailing_newline"] as const;

const told = [...marks, "trim_blocks", "lstrip_blocks", "newline_sequence"] as const;

/** The settings of a template file whose task says some of them. */
export function settingsOfFile(given: Partial<Readonly<Record<(typeof told)[number], unknown>>>): Settings {
  const own = told.filter((name) => given[name] !== undefined).map((name) => [name, given[name]] as const);
  return own.length === 0 ? fileSettings : { ...fileSettings, ...Object.fromEntries(own) };
}

/** The settings that the first line `#jinja2: key: value, …` changes, and where the template itself begins. */
export function readHeader(source: Source, given: Settings): { settings: Settings; from: number } {
  const { text } = source;
  if (!text.startsWith(header)) return { settings: given, from: 0 };
  const end = text.indexOf("\n");
  if (end < 0) throw syntaxError(source, 0, "behind the line '#jinja2:' there is no template");
  let settings = given;
  let at = header.length;
  for (const pair of text.slice(at, end).split(",")) {
    settings = { ...settings, ...readPair(source, pair, at) };
    at += pair.length + 1;
  }
  return { settings, from: end + 1 };
}

function readPair(source: Source, pair: string, at: number): Partial<Settings> {
  const [, key = "", written = ""] = /^([^:]*):(.*)$/s.exec(pair) ?? [];
  const name = key.trim();
  const value = readPythonLiteral(written.trim());
  const wrong = (wanted: string) => syntaxError(source, at, `'${name}' of '#jinja2:' must be ${wanted}`);
  const mark = marks.find((each) => each === name);
  if (mark !== undefined) {
    if (typeof value !== "string" || value === "") throw wrong("a text in quotes");
    return { [mark]: value };
  }
  const flag = flags.find((each) => each === name);
  if (flag !== undefined) {
    if (typeof value !== "boolean") throw wrong("True or False");
    return { [flag]: value };
  }
  if (name === "newline_sequence") {
    if (value !== "\n" && value !== "\r\n" && value !== "\r") throw wrong("'\\n', '\\r\\n' or '\\r'");
    return { newline_sequence: value };
  }
  throw syntaxError(
    source,
    at,
    name === "" ? `'${pair.trim()}' of '#jinja2:' is no 'key: value'` : `'#jinja2:' has no setting '${name}'`,
    didYouMean(name, [...marks, ...flags, "newline_sequence"]),
  );
}
