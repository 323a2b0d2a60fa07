import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";
import { isJsonRecord, type JsonRecord } from "../../shared/protocol/json.ts";
import type { Project } from "../api/messages.ts";
import { splitPattern } from "../inventory/pattern-parts.ts";
import { readValue, splitKeyValue, splitWords } from "../project/key-values.ts";
import { type Keyring, passwordKeyring, type VaultPassword } from "../project/vault/keyring.ts";
import { parseYaml } from "../project/yaml.ts";
import { nodeToJson } from "../project/yaml-node.ts";
import { revealed, type Written } from "../template/tagged.ts";
import { type Json, Refusal } from "../template/value.ts";
import { collectPlaybook } from "./collect-playbook.ts";
import { unlockProject } from "./unlock-project.ts";

export interface ProjectOptions {
  inventory?: string[];
  limit?: string;
  extraVars?: string[];
}

/** Everything that a run reads, from the disk into one value. Throws `bad_argument` for what is not there. */
export async function collectProject(
  playbooks: readonly string[],
  options: ProjectOptions,
  passwords: readonly VaultPassword[] = [],
): Promise<Project> {
  const files: Record<string, string> = {};
  for (const playbook of playbooks) {
    await readInto(files, playbook, "playbook");
    await collectPlaybook(files, playbook);
    await readVariables(files, dirname(playbook));
  }
  const inventories: string[] = [];
  for (const inventory of options.inventory ?? []) {
    const found = await stat(inventory).catch((cause: unknown) => {
      // Hosts with commas between them are an inventory too.
      if (inventory.includes(",")) return undefined;
      throw missing("inventory", inventory, cause);
    });
    if (found?.isDirectory()) await readTree(files, inventory);
    else if (found !== undefined) {
      await readInto(files, inventory, "inventory");
      await readVariables(files, dirname(inventory));
    }
    inventories.push(found === undefined ? inventory : normalize(inventory));
  }
  for (const part of options.limit === undefined ? [] : splitPattern(options.limit))
    if (part.startsWith("@") && part !== "@failed") await readInto(files, part.slice(1), "limit");
  const keyring = passwordKeyring(passwords);
  const extraVars = await Promise.all(
    (options.extraVars ?? []).map((text) => readExtraVars(text, passwords.length === 0 ? undefined : keyring)),
  );
  const project = {
    files,
    playbooks: playbooks.map((each) => normalize(each)),
    inventories,
    extraVars,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  return unlockProject(project, passwords, [...keyring.secrets]);
}

async function readInto(files: Record<string, string>, path: string, what: string): Promise<void> {
  try {
    files[normalize(path)] = await readFile(path, "utf8");
  } catch (cause) {
    throw missing(what, path, cause);
  }
}

function missing(what: string, path: string, cause: unknown): FlashfleetError {
  return new FlashfleetError(
    "bad_argument",
    `cannot read the ${what} ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      hint: "check the path; it is read from the directory that you are in",
      cause,
    },
  );
}

async function readVariables(files: Record<string, string>, directory: string): Promise<void> {
  for (const folder of ["group_vars", "host_vars"]) {
    const path = join(directory, folder);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) await readTree(files, path);
  }
}

/** Folders within each other: a link may lead back up. */
const mostFolders = 20;

/** Links are followed, as people share variables between inventories by them. A folder that gives nothing is kept by its name. */
async function readTree(files: Record<string, string>, directory: string, depth = 0): Promise<void> {
  if (depth === mostFolders) return;
  let isEmpty = true;
  for (const name of (await readdir(directory)).sort()) {
    if (name.startsWith(".") || name.endsWith("~")) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) await readTree(files, path, depth + 1);
    else if (found?.isFile()) await readInto(files, path, "inventory");
    else continue;
    isEmpty = false;
  }
  if (isEmpty) files[`${normalize(directory).replace(/\/$/, "")}/`] = "";
}

/** `-e`: name=value words, a JSON or YAML mapping, or `@file` with one. */
async function readExtraVars(text: string, keyring: Keyring | undefined): Promise<JsonRecord> {
  const source = text.startsWith("@")
    ? await readFile(text.slice(1), "utf8").catch((cause: unknown) =>
        Promise.reject(missing("variables", text.slice(1), cause)),
      )
    : text;
  if (!text.startsWith("@") && !/^\s*[{[]/.test(text)) return fromWords(text);
  const name = text.startsWith("@") ? text.slice(1) : "-e";
  const { root, problems } = parseYaml(name, source, "bad_argument", { keyring, allowsDuplicates: true });
  const [problem] = problems;
  if (problem !== undefined)
    throw new FlashfleetError("bad_argument", problem.message, { hint: problem.hint, place: problem.place });
  const value: unknown = root === undefined ? {} : JSON.parse(JSON.stringify(opened(nodeToJson(root))));
  if (isJsonRecord(value)) return value;
  throw new FlashfleetError("bad_argument", `cannot use ${text} as variables: it is no mapping`, {
    hint: "-e name=value, -e '{\"name\": 1}', or -e @file.yaml",
  });
}

function opened(written: Written): Json {
  try {
    return revealed(written);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new FlashfleetError("bad_argument", `cannot use -e: ${error.message}`, {
      hint: error.hint,
      place: error.place?.(),
    });
  }
}

function fromWords(text: string): JsonRecord {
  const entries = splitWords(text).map(({ text: word }) => {
    const pair = splitKeyValue(word);
    if (pair !== undefined) return [pair[0], JSON.parse(JSON.stringify(readValue(pair[1])))] as const;
    throw new FlashfleetError("bad_argument", `cannot use -e ${text}: '${word}' is no name=value`, {
      hint: "-e name=value, or -e @file.yaml",
    });
  });
  return Object.fromEntries(entries);
}
