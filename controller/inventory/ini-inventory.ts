import { SourceFile } from "../project/source-file.ts";
import type { Json } from "../template/value.ts";
import type { InventoryBuilder } from "./builder.ts";
import { expandHosts } from "./host-ranges.ts";
import { splitPort } from "./yaml-inventory.ts";

/** Adds what an INI inventory says: `[group]`, `[group:vars]`, `[group:children]`, hosts with `k=v`. */
export function readIniInventory(name: string, text: string, builder: InventoryBuilder): void {
  const file = new SourceFile(name, text);
  let group = "ungrouped";
  let sort = "hosts";
  let offset = 0;
  for (const whole of text.split("\n")) {
    const at = offset + whole.length - whole.trimStart().length;
    const placeAt = file.place.bind(file, at);
    const problem = (reason: string, hint?: string) =>
      builder.problem(`cannot read ${name}: ${reason}`, placeAt(), hint);
    offset += whole.length + 1;
    const line = whole.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const section = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(line);
    if (section !== null) {
      [, group = "", sort = "hosts"] = section;
      if (sort === "hosts" || sort === "vars" || sort === "children") builder.group(group);
      else
        problem(
          `there is no section '${sort}' of a group`,
          "the sections are [group], [group:vars] and [group:children]",
        );
    } else if (line.startsWith("[")) problem(`'${line}' is no section`, "a section is written [group]");
    else if (sort === "children") builder.child(group, words(line)[0] ?? line, placeAt);
    else if (sort === "vars") {
      const match = /^([^\s=]+)\s*=\s*(.*)$/.exec(line);
      if (match === null) problem(`'${line}' is no variable`, "write name=value");
      else builder.group(group).inline.set(match[1] ?? "", literal(match[2] ?? ""), placeAt);
    } else if (sort === "hosts") readHost(line, group, builder, placeAt, problem);
  }
}

function readHost(
  line: string,
  group: string,
  builder: InventoryBuilder,
  place: () => string,
  problem: (reason: string, hint?: string) => void,
): void {
  const [first = "", ...rest] = words(line);
  const { name, port } = splitPort(first);
  const names = expandHosts(name);
  if (!Array.isArray(names)) {
    problem(names.problem);
    return;
  }
  for (const each of names) {
    const { inline } = builder.host(group, each);
    if (port !== undefined) inline.set("ansible_port", port);
    for (const word of rest) {
      const equals = word.indexOf("=");
      if (equals < 1) {
        problem(
          `'${word}' behind the host '${first}' is no variable`,
          "write name=value, with quotes around a value that has spaces",
        );
        return;
      }
      inline.set(word.slice(0, equals), literal(word.slice(equals + 1)), place);
    }
  }
}

/** The words of a line: quotes hold them together, a `#` ends it. */
function words(line: string): string[] {
  const found: string[] = [];
  for (const [word] of line.matchAll(/#.*|(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (word.startsWith("#")) break;
    found.push(word);
  }
  return found;
}

/** A value as Ansible reads it in INI files: Python's numbers, booleans and quoted texts; all else is text. */
function literal(text: string): Json {
  if (text === "True" || text === "False") return text === "True";
  if (text === "None") return null;
  if (/^[+-]?(0|[1-9]\d*)(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return Number(text);
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted !== null) return quoted[2] ?? "";
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text.replaceAll("'", '"'));
  } catch {
    return text;
  }
}
