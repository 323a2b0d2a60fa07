import { SourceFile } from "../project/source-file.ts";
import { readPythonLiteral } from "../template/python-literal.ts";
import type { Written } from "../template/tagged.ts";
import type { InventoryBuilder } from "./builder.ts";
import { readHostNames } from "./host-ranges.ts";
import { splitShellWords } from "./shell-words.ts";

const sorts = ["hosts", "vars", "children"];
/** A `;` begins a comment only at the start of a line. */
const section = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const groupName = /^([^:\]\s]+)\s*(?:#.*)?$/;

/** Adds what an INI inventory says: `[group]`, `[group:vars]`, `[group:children]`, hosts with `k=v`. */
export function readIniInventory(name: string, text: string, builder: InventoryBuilder): void {
  new Reader(name, text, builder).whole();
}

/** A group that a line speaks of before it has a section of its own. */
interface Pending {
  at: number;
  reason: string;
  /** Groups that have it as a child: it joins them where its section is, which is the order that Ansible lists them in. */
  parents: { name: string; at: number }[];
}

class Reader {
  readonly #file: SourceFile;
  readonly #builder: InventoryBuilder;
  readonly #pending = new Map<string, Pending>();
  #group = "ungrouped";
  #sort = "hosts";

  constructor(name: string, text: string, builder: InventoryBuilder) {
    this.#file = new SourceFile(name, text);
    this.#builder = builder;
  }

  whole(): void {
    let offset = 0;
    for (const whole of this.#file.text.split("\n")) {
      const line = whole.trim();
      const at = offset + whole.length - whole.trimStart().length;
      offset += whole.length + 1;
      if (line !== "" && !line.startsWith("#") && !line.startsWith(";")) this.#line(line, at);
    }
    for (const [group, { at, reason }] of this.#pending) this.#problem(at, reason, `write [${group}] with its hosts`);
  }

  #line(line: string, at: number): void {
    const match = section.exec(line);
    if (match !== null) this.#section(match[1] ?? "", match[2] ?? "hosts", at);
    else if (line.startsWith("[") && line.endsWith("]"))
      this.#problem(at, `'${line}' is no section`, "a section is written [group], without spaces");
    else if (this.#sort === "hosts") this.#hosts(line, at);
    else if (this.#sort === "vars") this.#variable(line, at);
    else if (this.#sort === "children") this.#child(line, at);
  }

  #section(group: string, sort: string, at: number): void {
    this.#group = group;
    this.#sort = sort;
    if (!sorts.includes(sort)) {
      const hint = "the sections are [group], [group:vars] and [group:children]";
      this.#problem(at, `there is no section '${sort}' of a group`, hint);
      return;
    }
    if (sort === "vars" && !this.#builder.hasGroup(group) && !this.#pending.has(group))
      this.#pending.set(group, { at, reason: `[${group}:vars] is of a group that is nowhere`, parents: [] });
    this.#builder.group(group);
    if (sort !== "vars") this.#declare(group);
  }

  /** The group is there now: so are the places where it was named before. */
  #declare(group: string): void {
    const { parents } = this.#pending.get(group) ?? { parents: [] };
    this.#pending.delete(group);
    for (const { name, at } of parents) {
      this.#builder.child(name, group, () => this.#file.place(at));
      if (this.#pending.has(name)) this.#declare(name);
    }
  }

  #hosts(line: string, at: number): void {
    const words = splitShellWords(line);
    if (!Array.isArray(words)) {
      this.#problem(at, words.problem);
      return;
    }
    const [pattern = "", ...rest] = words;
    const hosts = readHostNames(pattern);
    if ("problem" in hosts) {
      this.#problem(at, hosts.problem);
      return;
    }
    const variables = rest.map((word) => this.#assignment(word, at)).filter((each) => each !== undefined);
    const isWrong = pattern === "" || pattern === "---" || (pattern.endsWith(":") && hosts.port === undefined);
    if (isWrong) this.#problem(at, `'${pattern}' is no name for a host`, wrongHostHint(pattern));
    if (isWrong || variables.length < rest.length) return;
    const place = () => this.#file.place(at);
    for (const host of hosts.names) {
      const isNew = !this.#builder.hasHost(host);
      const { inline } = this.#builder.host(this.#group, host);
      if (isNew && hosts.port !== undefined) inline.set("ansible_port", hosts.port, place);
      for (const [name, value] of variables) inline.set(name, value, place);
    }
  }

  #assignment(word: string, at: number): [name: string, value: Written] | undefined {
    const equals = word.indexOf("=");
    if (equals >= 0) return [word.slice(0, equals), readIniValue(word.slice(equals + 1))];
    const hint = "write name=value, with quotes around a value that has spaces";
    this.#problem(at, `'${word}' behind a host is no variable`, hint);
    return undefined;
  }

  #variable(line: string, at: number): void {
    const equals = line.indexOf("=");
    if (equals < 0) this.#problem(at, `'${line}' is no variable`, "write name=value");
    else {
      const value = readIniValue(line.slice(equals + 1).trim());
      this.#builder.groupVariable(this.#group, line.slice(0, equals).trim(), value, () => this.#file.place(at));
    }
  }

  #child(line: string, at: number): void {
    const child = groupName.exec(line)?.[1];
    if (child === undefined) {
      this.#problem(at, `'${line}' is no name for a group`, "below [group:children] each line is one group");
      return;
    }
    if (this.#builder.hasGroup(child)) this.#builder.child(this.#group, child, () => this.#file.place(at));
    else {
      const reason = `the child '${child}' of '${this.#group}' is a group that is nowhere`;
      const pending = this.#pending.get(child) ?? { at, reason, parents: [] };
      pending.parents.push({ name: this.#group, at });
      this.#pending.set(child, pending);
    }
  }

  #problem(at: number, reason: string, hint?: string): void {
    this.#builder.problem(`cannot read ${this.#file.name}: ${reason}`, this.#file.place(at), hint);
  }
}

function readIniValue(text: string): Written {
  const literal = readPythonLiteral(text);
  return literal === undefined ? text : literal;
}

function wrongHostHint(pattern: string): string | undefined {
  if (pattern === "---") return "this is how YAML begins: give the file the ending .yaml";
  return pattern.endsWith(":") ? "a port stands behind the colon" : undefined;
}
