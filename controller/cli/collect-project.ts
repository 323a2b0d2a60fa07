import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";
import { isJsonRecord, type JsonRecord } from "../../shared/protocol/json.ts";
import type { Project } from "../api/messages.ts";
import { readValue, splitKeyValue, splitWords } from "../project/key-values.ts";
import { parseYaml } from "../project/yaml.ts";
import { nodeToJson } from "../project/yaml-node.ts";

export interface ProjectOptions {
  inventory?: string[];
  limit?: string;
  extraVars?: string[];
}

/** Everything that a run reads, from the disk into one value. Throws `bad_argument` for what is not there. */
export async function collectProject(playbooks: readonly string[], options: ProjectOptions): Promise<Project> {
  const files: Record<string, string> = {};
  const inventories = options.inventory ?? [];
  for (const playbook of playbooks) {
    await readInto(files, playbook, "playbook");
    await readVariables(files, dirname(playbook));
  }
  for (const inventory of inventories) {
    // Hosts with commas between them are an inventory too.
    if (inventory.includes(",")) continue;
    const found = await stat(inventory).catch((cause: unknown) => {
      throw missing("inventory", inventory, cause);
    });
    if (found.isDirectory()) await readTree(files, inventory);
    else {
      await readInto(files, inventory, "inventory");
      await readVariables(files, dirname(inventory));
    }
  }
  if (options.limit?.startsWith("@")) await readInto(files, options.limit.slice(1), "limit");
  return {
    files,
    playbooks: playbooks.map((each) => normalize(each)),
    inventories: inventories.map((each) => (each.includes(",") ? each : normalize(each))),
    extraVars: await Promise.all((options.extraVars ?? []).map(readExtraVars)),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
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

async function readTree(files: Record<string, string>, directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !entry.name.startsWith(".")) await readInto(files, path, "inventory");
  }
}

/** `-e`: name=value words, a JSON or YAML mapping, or `@file` with one. */
async function readExtraVars(text: string): Promise<JsonRecord> {
  const source = text.startsWith("@")
    ? await readFile(text.slice(1), "utf8").catch((cause: unknown) =>
        Promise.reject(missing("variables", text.slice(1), cause)),
      )
    : text;
  if (!text.startsWith("@") && !/^\s*[{[]/.test(text)) return fromWords(text);
  const { root, problems } = parseYaml(text.startsWith("@") ? text.slice(1) : "-e", source, "bad_argument");
  const [problem] = problems;
  if (problem !== undefined)
    throw new FlashfleetError("bad_argument", problem.message, { hint: problem.hint, place: problem.place });
  const value: unknown = root === undefined ? {} : JSON.parse(JSON.stringify(nodeToJson(root)));
  if (isJsonRecord(value)) return value;
  throw new FlashfleetError("bad_argument", `cannot use ${text} as variables: it is no mapping`, {
    hint: "-e name=value, -e '{\"name\": 1}', or -e @file.yaml",
  });
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
