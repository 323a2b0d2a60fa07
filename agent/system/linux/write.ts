import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, unlink, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { whyNeverWritten } from "../attribute-value.ts";
import { type Owner, SystemError } from "../system.ts";

/**
 * An attribute: one write(2) of the whole value, without O_CREAT (a missing attribute is ENOENT, not EACCES) and without an
 * added newline (`discovery_nqn` does not take one).
 */
export async function writeAttribute(path: string, value: string): Promise<void> {
  const bytes = attributeBytes(path, value);
  const file = await open(path, constants.O_WRONLY);
  try {
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, null);
    if (bytesWritten !== bytes.length) throw shortWrite(path, bytesWritten, bytes.length);
  } finally {
    await file.close();
  }
}

/** The bytes of a value. An empty one never reaches a driver: it would be a silent nothing. */
export function attributeBytes(path: string, value: string): Buffer {
  const detail = whyNeverWritten(value);
  if (detail !== undefined) throw new SystemError("EINVAL", path, "write", { detail });
  return Buffer.from(value, "utf8");
}

function shortWrite(path: string, written: number, of: number): SystemError {
  return new SystemError("EIO", path, "write", { detail: `only ${written} of ${of} bytes were taken` });
}

/** A plain file, changed as a whole or not at all, also over a power cut. */
export async function replaceFile(path: string, content: string, mode: number, owner?: Owner): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const file = await open(temporary, flags, 0o600);
  try {
    try {
      await file.writeFile(content);
      if (owner !== undefined) await file.chown(owner.uid, owner.gid);
      // Not the mode of open(2): the umask would cut it. After the owner: another one loses set-user-ID.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** As touch(1): an empty file where there is none, and times of now. */
export async function touchFile(path: string): Promise<void> {
  try {
    const now = Date.now() / 1000;
    await utimes(path, now, now);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory: FileHandle = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
