import type { SourceFile } from "../project/source-file.ts";
import type { Keyring } from "../project/vault/keyring.ts";
import { parseYaml } from "../project/yaml.ts";
import { describeNode, entryOf, nodeToJson, type YamlEntry, type YamlNode } from "../project/yaml-node.ts";
import { didYouMean } from "../template/suggest.ts";
import type { InventoryBuilder } from "./builder.ts";
import { readHostNames } from "./host-ranges.ts";
import type { VariableSet } from "./variable-set.ts";

const groupKeys = ["hosts", "vars", "children"];

/** Adds what a YAML inventory says. */
export function readYamlInventory(
  name: string,
  text: string,
  builder: InventoryBuilder,
  keyring: Keyring | undefined,
): void {
  const { file, root } = parse(name, text, builder, keyring);
  if (root !== undefined && !isNothing(root)) new Reader(file, builder).whole(root);
}

/** Adds the variables of a file of group_vars or host_vars. */
export function readVariables(
  name: string,
  text: string,
  into: VariableSet,
  builder: InventoryBuilder,
  keyring: Keyring | undefined,
): void {
  const { file, root } = parse(name, text, builder, keyring);
  if (root === undefined || isNothing(root)) return;
  if (root.is === "mapping") addVariables(file, root.entries, into);
  else
    builder.problem(
      `cannot read ${name}: it must be a mapping of variables, got ${describeNode(root)}`,
      file.place(root.at),
    );
}

function parse(name: string, text: string, builder: InventoryBuilder, keyring: Keyring | undefined) {
  const parsed = parseYaml(name, text, "bad_inventory", { keyring, allowsDuplicates: true });
  builder.problems.push(...parsed.problems);
  builder.warnings.push(...parsed.warnings);
  return parsed;
}

function addVariables(file: SourceFile, entries: readonly YamlEntry[], into: VariableSet): void {
  for (const { key, value } of entries)
    into.set(key, nodeToJson(value), (path, offset) => file.placeBelow(value, path, offset));
}

function isNothing(node: YamlNode): boolean {
  return node.is === "scalar" && node.value === null;
}

/** What Python takes for nothing too: `''`, `0`, `false`, `[]`. */
function isFalsy(node: YamlNode): boolean {
  if (node.is !== "scalar") return node.is === "list" && node.items.length === 0;
  return node.value === null || node.value === "" || node.value === 0 || node.value === false;
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
    if (plugin !== undefined && plugin.value.is === "scalar" && !isFalsy(plugin.value)) {
      const hint = "write its hosts down: ansible-inventory --list --yaml prints them";
      this.#problem(plugin.keyAt, "inventory plugins are not supported", hint);
      return;
    }
    for (const entry of root.entries) {
      if (entry.value.is === "scalar" && !isNothing(entry.value)) this.#skipped(entry, "is no group but a value");
      else this.#group(entry.key, entry.value);
    }
  }

  #group(name: string, node: YamlNode): void {
    this.#builder.group(name);
    if (isNothing(node)) return;
    if (node.is !== "mapping") {
      this.#wrong(node, `the group '${name}'`, "a mapping of hosts, vars and children");
      return;
    }
    for (const entry of node.entries) {
      const { key, keyAt, value } = entry;
      if (key === "vars") this.#each(value, `vars of '${name}'`, (each) => this.#variable(name, each));
      else if (key === "hosts") this.#each(value, `hosts of '${name}'`, (each) => this.#host(name, each));
      else if (key === "children") this.#each(value, `children of '${name}'`, (each) => this.#child(name, each));
      else {
        const meant = didYouMean(key, groupKeys);
        if (meant !== undefined) this.#problem(keyAt, `the group '${name}' has no key '${key}'`, meant);
        else if (!isNothing(value)) this.#skipped(entry, `is no key of the group '${name}'`);
      }
    }
  }

  #variable(group: string, { key, value }: YamlEntry): void {
    this.#builder.groupVariable(group, key, nodeToJson(value), (path, offset) =>
      this.#file.placeBelow(value, path, offset),
    );
  }

  #child(parent: string, { key, keyAt, value }: YamlEntry): void {
    this.#group(key, value);
    this.#builder.child(parent, key, () => this.#file.place(keyAt));
  }

  #host(group: string, { key, keyAt, value }: YamlEntry): void {
    const hosts = readHostNames(key);
    if ("problem" in hosts) {
      this.#problem(keyAt, hosts.problem);
      return;
    }
    if (key === "") {
      this.#problem(keyAt, `'${key}' is no name for a host`);
      return;
    }
    if (value.is !== "mapping" && !isFalsy(value)) {
      this.#wrong(value, `the host '${key}'`, "a mapping of variables");
      return;
    }
    for (const each of hosts.names) {
      const isNew = !this.#builder.hasHost(each);
      const { inline } = this.#builder.host(group, each);
      if (isNew && hosts.port !== undefined) inline.set("ansible_port", hosts.port, () => this.#file.place(keyAt));
      if (value.is === "mapping") addVariables(this.#file, value.entries, inline);
    }
  }

  /** Entries of a mapping; a text alone stands for a mapping of it to nothing, as in Ansible. */
  #each(node: YamlNode, what: string, add: (entry: YamlEntry) => void): void {
    if (isNothing(node)) return;
    if (node.is === "scalar" && typeof node.value === "string") {
      add({ key: node.value, keyAt: node.at, value: { is: "scalar", at: node.at, to: node.at, value: null } });
      return;
    }
    if (node.is !== "mapping") {
      this.#wrong(node, what, "a mapping", "write 'name:' on a line of its own, without a dash");
      return;
    }
    for (const entry of node.entries) add(entry);
  }

  /** What Ansible skips with a warning too. */
  #skipped({ key, keyAt }: YamlEntry, why: string): void {
    this.#builder.warning(
      `cannot use '${key}' in ${this.#file.name}: it ${why}, and is skipped`,
      this.#file.place(keyAt),
      "a group has hosts, vars and children; a group within it stands below children",
    );
  }

  #wrong(node: YamlNode, what: string, wanted: string, hint?: string): void {
    this.#problem(node.at, `${what} must be ${wanted}, got ${describeNode(node)}`, hint);
  }

  #problem(at: number, reason: string, hint?: string): void {
    this.#builder.problem(`cannot read ${this.#file.name}: ${reason}`, this.#file.place(at), hint);
  }
}
