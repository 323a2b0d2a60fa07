import { basename, dirname } from "node:path/posix";
import { FlashfleetError } from "../../../shared/errors.ts";
import { mostOfFile } from "../../../shared/modules/actions/files.ts";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import { hasErrno, type Stat, type System, SystemError } from "../../system/system.ts";
import { showMode } from "./mode.ts";

/** What lies at a path, links not followed; undefined where nothing does. */
export async function lookAt(system: System, path: string): Promise<Stat | undefined> {
  try {
    return await system.stat(path);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** A path with all links resolved, at its end too; undefined where it leads nowhere. */
export async function followed(system: System, path: string): Promise<string | undefined> {
  try {
    return await system.realpath(path);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}

/** A text file. Throws `bad_argument` for one that is too large, or no text: rewritten it would be another. */
export async function readText(system: System, path: string, { size }: Stat): Promise<string> {
  if (size > mostOfFile) {
    throw new FlashfleetError("bad_argument", `cannot edit ${path}: it has ${size} bytes, more than ${mostOfFile}`, {
      hint: "large files are edited with command:",
    });
  }
  const text = await system.read(path);
  if (text.includes("\ufffd") || text.includes("\0")) {
    throw new FlashfleetError("bad_argument", `cannot edit ${path}: it is not text in UTF-8`, {
      hint: "other files are edited with command:",
    });
  }
  return text;
}

/** Text for a diff; undefined for what is no text, or too large to show. */
export async function textForDiff(system: System, path: string, stat: Stat | undefined): Promise<string | undefined> {
  if (stat === undefined) return "";
  if (stat.kind !== "file" || stat.size > mostOfFile) return undefined;
  try {
    const text = await system.read(path);
    return text.includes("\ufffd") || text.includes("\0") ? undefined : text;
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** Throws `not_found` where there is no directory for a file to lie in. */
export async function needDirectory(system: System, path: string): Promise<void> {
  const directory = dirname(path);
  const real = await followed(system, directory);
  const stat = real === undefined ? undefined : await lookAt(system, real);
  if (stat?.kind === "directory") return;
  const problem = stat === undefined ? "does not exist" : "is no directory";
  throw new FlashfleetError("not_found", `cannot write ${path}: the directory ${directory} ${problem}`, {
    hint: `make it before: file: { path: ${directory}, state: directory }`,
  });
}

/** What is there by now, as results show it. */
export async function shown(system: System, path: string): Promise<JsonRecord> {
  const stat = await lookAt(system, path);
  if (stat === undefined) return { state: "absent" };
  const { kind, mode, uid, gid, size } = stat;
  return { state: kind, mode: showMode(mode), uid, gid, ...(kind === "file" ? { size } : {}) };
}

/** Beside a file, with the moment in its name, as Ansible's are. */
export function backupName(path: string, wall: number): string {
  const stamp = new Date(wall).toISOString().slice(0, 19).replace("T", "@");
  return `${dirname(path).replace(/\/$/, "")}/${basename(path)}.${stamp}~`;
}
