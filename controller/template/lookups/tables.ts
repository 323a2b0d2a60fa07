import { parseKeyValues } from "../../project/key-values.ts";
import type { Evaluator } from "../evaluation.ts";
import { compileRegex, matchAt } from "../regex/regex.ts";
import { takeText, takeWhole, takeYes } from "../take.ts";
import { Refusal, type Value } from "../value.ts";
import { projectText } from "./files.ts";
import { filesOf, type LookupOptions, type Lookups, option } from "./lookup.ts";

/** A term with options in it, as old playbooks have it: `lookup('csvfile', 'key file=x.csv')`. */
function withInline(
  term: Value,
  options: LookupOptions,
  names: readonly string[],
): { key: string; given: LookupOptions } {
  const text = takeText(term, "each term");
  if (!text.includes("=")) return { key: text, given: options };
  const { values, rest } = parseKeyValues(text, [...names], "key");
  return { key: rest, given: { ...options, ...values } };
}

const textOf = (options: LookupOptions, name: string, otherwise: string) =>
  takeText(option(options, name) ?? otherwise, name);

/** An INI file as Python's configparser reads it: `=` or `:`, values over several indented lines, comments from a line's start. */
function readIni(text: string, keepsCase: boolean): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const head = /^\s*\[(.+)\]/.exec(line)?.[1];
    const [, name, value] = /^\s*(.*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (head === undefined && /^\s/.test(line) && key !== undefined && section !== undefined)
      section.set(key, `${section.get(key) ?? ""}\n${line.trim()}`);
    else if (head !== undefined) {
      section = sections.get(head) ?? new Map<string, string>();
      sections.set(head, section);
      key = undefined;
    } else if (section === undefined) throw new Refusal(`the line '${line.trim()}' stands in no section`);
    else {
      key = keepsCase ? (name ?? line.trim()) : (name ?? line.trim()).toLowerCase();
      section.set(key, value ?? "");
    }
  }
  return sections;
}

const iniNames = [
  "type",
  "file",
  "section",
  "re",
  "encoding",
  "default",
  "case_sensitive",
  "allow_no_value",
  "allow_none",
];

function ini(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): Value[] {
  const files = filesOf(evaluator, "ini");
  return terms.flatMap((term) => {
    const { key: written, given } = withInline(term, options, iniNames);
    const isProperties = textOf(given, "type", "ini") === "properties";
    const name = isProperties ? "java_properties" : textOf(given, "section", "global");
    const { path, text } = projectText(textOf(given, "file", "ansible.ini"), "files", files);
    evaluator.budget.spendText(text.length);
    const keepsCase = takeYes(option(given, "case_sensitive"), false);
    const section = readIni(isProperties ? `[${name}]\n${text}` : text, keepsCase).get(name);
    if (section === undefined) throw new Refusal(`${path} has no section '${name}'`);
    if (takeYes(option(given, "re"), false)) {
      const regex = compileRegex(written);
      return [...section].flatMap(([each, value]) =>
        matchAt(regex, each, 0, evaluator.budget) === undefined ? [] : [value],
      );
    }
    return [section.get(keepsCase ? written : written.toLowerCase()) ?? option(given, "default") ?? ""];
  });
}

/** The fields of one line of a table: quotes hold separators, and are doubled within. */
function fieldsOf(line: string, separator: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    let field = "";
    if (line[at] === '"') {
      const end = /"((?:[^"]|"")*)"/y;
      end.lastIndex = at;
      const quoted = end.exec(line);
      field = (quoted?.[1] ?? line.slice(at + 1)).replaceAll('""', '"');
      at += quoted?.[0].length ?? line.length;
    }
    const next = line.indexOf(separator, at);
    field += line.slice(at, next < 0 ? undefined : next);
    fields.push(field);
    if (next < 0) break;
    at = next + separator.length;
  }
  return fields;
}

const csvNames = ["col", "default", "delimiter", "file", "encoding"];

function csv(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): Value[] {
  const files = filesOf(evaluator, "csvfile");
  return terms.flatMap((term) => {
    const { key, given } = withInline(term, options, csvNames);
    const { path, text } = projectText(textOf(given, "file", "ansible.csv"), "files", files);
    evaluator.budget.spendText(text.length);
    const written = textOf(given, "delimiter", "TAB");
    const separator = written === "TAB" || written === "\\t" ? "\t" : written;
    const column = takeWhole(Number(textOf(given, "col", "1")), "col");
    for (const line of text.split(/\r\n|\r|\n/)) {
      const fields = fieldsOf(line, separator);
      if (fields[0] !== key || line === "") continue;
      const field = fields.at(column);
      if (field === undefined)
        throw new Refusal(`${path} has no column ${column} for '${key}'`, "columns count from 0");
      return [field];
    }
    const otherwise = option(given, "default");
    return otherwise === undefined ? [] : [otherwise];
  });
}

/** Lookups in tables: INI files, Java's properties, comma- and tab-separated values. */
export const tableLookups: Lookups = {
  ini: { takes: iniNames, finds: ini },
  csvfile: { takes: csvNames, finds: csv },
};
