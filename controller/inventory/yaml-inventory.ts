import type { SourceFile } from "../project/source-file.ts";
import { parseYaml } from "../project/yaml.ts";
import { describeNode, entryOf, nodeToJson, type YamlEntry, type YamlNode } from "../project/yaml-node.ts";
import { didYouMean } from "../template/suggest.ts";
import type { InventoryBuilder } from "./builder.ts";
import { expandHosts } from "./host-ranges.ts";
import type { VariableSet } from "./variable-set.ts";

const groupKeys = ["hosts", "vars", "children"];

/** Adds what a YAML inventory says. */
export function readYamlInventory(name: string, text: string, builder: InventoryBuilder): void {
  const { file, root, problems } = parseYaml(name, text, "bad_inventory");
  builder.problems.push(...problems);
  if (root === undefined || isNothing(root)) return;
  new Reader(file, builder).whole(root);
}

/** Adds the variables of a file of group_vars or host_vars. */
export function readVariables(name: string, text: string, into: VariableSet, builder: InventoryBuilder): void {
  const { file, root, problems } = parseYaml(name, text, "bad_inventory");
  builder.problems.push(...problems);
  if (root === undefined || isNothing(root)) return;
  if (root.is === "mapping") addVariables(file, root.entries, into);
  else
    builder.problem(
      `cannot read ${name}: it must be a mapping of variables, got ${describeNode(root)}`,
      file.place(root.at),
    );
}

function addVariables(file: SourceFile, entries: readonly YamlEntry[], into: VariableSet): void {
  for (const { key, value } of entries)
    into.set(key, nodeToJson(value), (path, offset) => file.placeBelow(value, path, offset));
}

function isNothing(node: YamlNode): boolean {
  return node.is === "scalar" && node.value === null;
}

class Reader {
  readonly #file: SourceFile;
  readonly #builder: InventoryBuilder;

  constructor(file: SourceFile, builder: InventoryBuilder) {
    this.#file = file;
    this.#builder = builder;
  }

  whole(root: YamlNode): void {
    if (root.is !== "mapping") {
      this.#wrong(root, "an inventory", "a mapping of groups", "it begins with 'all:'");
      return;
    }
    const plugin = entryOf(root, "plugin");
    if (plugin !== undefined) {
      const hint = "write its hosts down: ansible-inventory --list --yaml prints them";
      this.#problem(plugin.keyAt, "inventory plugins are not supported", hint);
      return;
    }
    for (const { key, value } of root.entries) this.#group(key, value);
  }

  #group(name: string, node: YamlNode): void {
    if (/[\s,:&!]/.test(name))
      this.#problem(node.at, `'${name}' is no name for a group: it has no spaces and none of , : & !`);
    const variables = this.#builder.group(name);
    if (isNothing(node)) return;
    if (node.is !== "mapping") {
      this.#wrong(node, `the group '${name}'`, "a mapping of hosts, vars and children");
      return;
    }
    for (const { key, keyAt, value } of node.entries) {
      if (key === "vars")
        this.#each(value, `vars of '${name}'`, (entry) => addVariables(this.#file, [entry], variables.inline));
      else if (key === "hosts") this.#each(value, `hosts of '${name}'`, (entry) => this.#host(name, entry));
      else if (key === "children") this.#each(value, `children of '${name}'`, (entry) => this.#child(name, entry));
      else {
        const meant = didYouMean(key, groupKeys);
        this.#problem(
          keyAt,
          `the group '${name}' has no key '${key}'`,
          meant ?? "a group has hosts, vars and children; a group within it stands below children",
        );
      }
    }
  }

  #child(parent: string, { key, keyAt, value }: YamlEntry): void {
    this.#builder.child(parent, key, () => this.#file.place(keyAt));
    this.#group(key, value);
  }

  #host(group: string, { key, keyAt, value }: YamlEntry): void {
    const { name, port } = splitPort(key);
    const names = expandHosts(name);
    if (!Array.isArray(names)) {
      this.#problem(keyAt, names.problem);
      return;
    }
    if (/[\s,&!]/.test(name) || name === "") {
      this.#problem(keyAt, `'${key}' is no name for a host`);
      return;
    }
    if (value.is !== "mapping" && !isNothing(value)) {
      this.#wrong(value, `the host '${key}'`, "a mapping of variables");
      return;
    }
    for (const each of names) {
      const { inline } = this.#builder.host(group, each);
      if (port !== undefined) inline.set("ansible_port", port);
      if (value.is === "mapping") addVariables(this.#file, value.entries, inline);
    }
  }

  #each(node: YamlNode, what: string, add: (entry: YamlEntry) => void): void {
    if (isNothing(node)) return;
    if (node.is !== "mapping") {
      this.#wrong(node, what, "a mapping", "write 'name:' on a line of its own, without a dash");
      return;
    }
    for (const entry of node.entries) add(entry);
  }

  #wrong(node: YamlNode, what: string, wanted: string, hint?: string): void {
    this.#problem(node.at, `${what} must be ${wanted}, got ${describeNode(node)}`, hint);
  }

  #problem(at: number, reason: string, hint?: string): void {
    this.#builder.problem(`cannot read ${this.#file.name}: ${reason}`, this.#file.place(at), hint);
  }
}

/** `host:port`, as old inventories have it; ranges and IPv6 addresses keep their colons. */
export function splitPort(name: string): { name: string; port: number | undefined } {
  const match = /^([^:]*(?:\[[^\]]*\][^:]*)*):(\d+)$/.exec(name);
  return match === null ? { name, port: undefined } : { name: match[1] ?? name, port: Number(match[2]) };
}
