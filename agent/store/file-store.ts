import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { z } from "zod";
import { FlashfleetError } from "../../shared/errors.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { type Cell, cells, type Store } from "./store.ts";

/**
 * The store in a directory: one JSON file for each cell. Throws `data_directory` where the directory cannot be used, and
 * `store_failed` for a file that cannot be read: an unreadable spec must stop the agent from removing, not read as empty.
 */
export async function openFileStore(directory: string, node: NodeId): Promise<Store> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FlashfleetError("data_directory", `cannot create the data directory ${directory}: ${reason(error)}`, {
      hint: "give another one with --data DIR, or run as root",
      cause: error,
    });
  }
  const all = cells(node);
  const open = <T>(name: string, cell: { schema: z.ZodType<T>; empty: T; mode: number }) =>
    openCell(join(directory, `${name}.json`), cell);
  return {
    spec: await open("spec", all.spec),
    owned: await open("owned", all.owned),
    pins: await open("pins", all.pins),
    secrets: await open("secrets", all.secrets),
    journal: await open("journal", all.journal),
    sequence: await open<number>("sequence", all.sequence),
  };
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function openCell<T>(
  path: string,
  { schema, empty, mode }: { schema: z.ZodType<T>; empty: T; mode: number },
): Promise<Cell<T>> {
  let now = (await load(path, schema, empty)).value;
  let onDisk = now;
  let writing: Promise<void> = Promise.resolve();
  const write = async (next: T) => {
    try {
      await replace(path, JSON.stringify(next), mode);
      onDisk = next;
    } catch (error) {
      // What did not last is not remembered either; a later value that is on its way may still make it.
      if (now === next) now = onDisk;
      throw error;
    }
  };
  return {
    get: () => now,
    set: (next) => {
      now = next;
      // One after the other; a later write carries what an earlier one would have.
      writing = writing.catch(() => undefined).then(() => write(next));
      return writing;
    },
  };
}

async function load<T>(path: string, schema: z.ZodType<T>, empty: T): Promise<{ value: T }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { value: empty };
    throw new FlashfleetError("store_failed", `cannot read ${path}: ${reason(error)}`, { cause: error });
  }
  try {
    return { value: schema.parse(JSON.parse(text)) };
  } catch (error) {
    throw new FlashfleetError("store_failed", `cannot understand ${path}: it is damaged or of another version`, {
      hint: "move it away to begin anew; nothing that is exported or connected now is touched by that",
      cause: error,
    });
  }
}

/** Whole or not at all, also after a power cut: the file, then its directory entry, are on disk before this resolves. */
async function replace(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, "w", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const directory = await open(dirname(path), "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    throw new FlashfleetError("store_failed", `cannot write ${path}: ${reason(error)}`, {
      hint: "is the disk full or read-only? df -h and mount show it",
      cause: error,
    });
  }
}
