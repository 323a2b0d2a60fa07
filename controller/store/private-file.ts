import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FlashfleetError } from "../../shared/errors.ts";

/**
 * What a file of ours holds, mode 0600; made where there is none. It is there whole or not at all, and of two processes
 * that make it at once both get the same. Throws `data_directory`.
 */
export async function readOrMake(path: string, make: () => Uint8Array | string): Promise<Buffer> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const there = await readIfThere(path);
    if (there !== undefined) return there;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, make(), { mode: 0o600, flush: true });
    await link(draft, path).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashfleetError("data_directory", `cannot keep ${path}: ${reason}`, {
      hint: "check that the data directory belongs to this user and that its disk has room",
      cause,
    });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
