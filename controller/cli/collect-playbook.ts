import { isUtf8 } from "node:buffer";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";
import { mostOfFile } from "../../shared/modules/actions/files.ts";

/** Folders beside a playbook whose files it may name, by templates too. */
const folders = ["roles", "tasks", "handlers", "vars", "files", "templates"];
/** Folders whose text files are sent whatever they are called: for `copy`, `template` and `include_vars`. */
const texts = /(^|\/)(files|templates|vars|defaults)\//;
const yaml = /\.(ya?ml|json)$/;
/** What names another file outright. */
const references = [
  /(?:^|[{,])\s*(?:-\s+)?(?:ansible\.builtin\.)?(?:import_playbook|(?:import|include)_tasks|include_vars|file):\s*["']?([^\s"'#{},]+)/gm,
  /^\s*-\s+["']?([^\s"'#{}:]+\.(?:ya?ml|json))["']?\s*$/gm,
];
/** A folder that include_vars may name. */
const folderReference = /(?:^|[{,])\s*(?:-\s+)?dir:\s*["']?([^\s"'#{},/][^\s"'#{},]*)/gm;
/** Bytes of all files together. */
const mostBytes = 64 * 1024 * 1024;

/**
 * A playbook and what it may need: YAML files beside it, roles, tasks, handlers and vars, and files that it imports by name from
 * elsewhere. Throws `bad_argument` where that is more than a project can be.
 */
export async function collectPlaybook(files: Record<string, string>, playbook: string): Promise<void> {
  const folder = dirname(playbook);
  const known = files[normalize(playbook)];
  if (known !== undefined) await follow(files, normalize(playbook), known);
  for (const entry of await listing(folder)) {
    if (entry.isFile() && yaml.test(entry.name)) await add(files, join(folder, entry.name));
  }
  for (const name of folders) {
    if (!(await isFolder(join(folder, name)))) continue;
    for (const entry of await readdir(join(folder, name), { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      const below = relative(folder, path);
      if (entry.isFile() && texts.test(below)) await addText(files, path);
      else if (entry.isFile() && yaml.test(entry.name)) await add(files, path);
    }
  }
}

/** What is too large or no text stays here: a task that names it says so. */
async function addText(files: Record<string, string>, path: string): Promise<void> {
  const name = normalize(path);
  if (Object.hasOwn(files, name)) return;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size > mostOfFile) return;
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.includes(0) || !isUtf8(bytes)) return;
  files[name] = bytes.toString("utf8");
  assertTogether(files);
}

async function add(files: Record<string, string>, path: string): Promise<void> {
  const name = normalize(path);
  if (Object.hasOwn(files, name)) return;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return;
  files[name] = text;
  assertTogether(files);
  await follow(files, name, text);
}

/** What a file names from elsewhere. */
async function follow(files: Record<string, string>, name: string, text: string): Promise<void> {
  for (const [, named = ""] of text.matchAll(folderReference)) {
    for (const entry of await listing(join(dirname(name), named), { recursive: true }))
      if (entry.isFile() && yaml.test(entry.name)) await add(files, join(entry.parentPath, entry.name));
  }
  for (const [, named = ""] of references.flatMap((reference) => [...text.matchAll(reference)])) {
    const other = normalize(join(dirname(name), named));
    if (Object.hasOwn(files, other) || !(await isText(other))) continue;
    await add(files, other);
    await collectPlaybook(files, other);
  }
}

function assertTogether(files: Readonly<Record<string, string>>): void {
  const bytes = Object.values(files).reduce((sum, each) => sum + each.length, 0);
  if (bytes <= mostBytes) return;
  throw new FlashfleetError("bad_argument", `cannot send the project: its files have more than ${mostBytes} bytes`, {
    hint: "keep playbooks in a folder of their own",
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/** A file, and no huge one that is named by chance. */
async function isText(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size <= mostOfFile;
}

async function listing(folder: string, { recursive = false } = {}) {
  return readdir(folder, { withFileTypes: true, recursive }).catch(() => []);
}
