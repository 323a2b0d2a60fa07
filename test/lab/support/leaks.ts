import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The files below a folder that hold one of these texts, as bytes. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (texts.some((text) => bytes.includes(text))) found.push(path);
  }
  return found;
}
