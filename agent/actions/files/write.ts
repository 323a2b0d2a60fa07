import { FlashfleetError } from "../../../shared/errors.ts";
import { mostOfFile } from "../../../shared/modules/actions/files.ts";
import type { Json, JsonRecord } from "../../../shared/protocol/json.ts";
import type { Stat } from "../../system/system.ts";
import type { ActionContext } from "../action.ts";
import { type Access, accessDiff, applyAccess, wantedOf } from "./access.ts";
import { backupName, lookAt, readText, shown, textForDiff } from "./look.ts";

/** Permissions of a new file: those of open(2) under the usual umask. */
const newMode = 0o644;
/** Characters of each side of a diff. */
const mostOfDiff = 64 * 1024;

/** A file as it is to be. */
export interface WantedFile {
  path: string;
  content: string;
  access: Access;
  backup: boolean;
}

interface Written {
  changed: boolean;
  result: JsonRecord;
}

/**
 * Gives a file its content and access: written beside and renamed over, so that nobody ever reads half of it. What it gives
 * back is what was found afterwards.
 */
export async function writeFile(
  { path, content, access, backup }: WantedFile,
  context: ActionContext,
): Promise<Written> {
  const { system, clock, deadline } = context;
  const before = await lookAt(system, path);
  if (before !== undefined && before.kind !== "file" && before.kind !== "link") {
    throw new FlashfleetError("bad_argument", `cannot write ${path}: it is a ${before.kind}`, {
      hint: "name a file in it, or remove it before",
    });
  }
  const isSame =
    before?.kind === "file" &&
    before.size === Buffer.byteLength(content) &&
    before.size <= mostOfFile &&
    (await system.read(path)) === content;
  if (isSame) {
    const wanted = wantedOf(access, before);
    const changed = await applyAccess(path, access, context);
    const diff = accessDiff(before, wanted);
    return {
      changed,
      result: {
        ...(await shown(system, path)),
        ...(diff === undefined ? {} : { diff: headed(path, diff, "attributes") }),
      },
    };
  }
  const old = await textForDiff(system, path, before);
  const kept: JsonRecord = {};
  if (backup && before?.kind === "file") {
    const beside = backupName(path, clock.wall());
    const { mode, uid, gid } = before;
    const text = await readText(system, path, before);
    await system.do({ op: "replace", path: beside, content: text, mode, owner: { uid, gid } }, deadline);
    kept.backup_file = beside;
  }
  const { mode, uid, gid } = wantedOf(access, startOf(before));
  await system.do({ op: "replace", path, content, mode, owner: { uid, gid } }, deadline);
  const diff = headed(path, { before: bounded(old), after: bounded(content) }, "content");
  return { changed: true, result: { ...(await shown(system, path)), ...kept, diff } };
}

/** A new file is root's, as is one in the place of a link. */
function startOf(before: Stat | undefined): Stat {
  if (before?.kind === "file") return before;
  return { kind: "file", size: 0, mode: newMode, uid: 0, gid: 0 };
}

/** A diff under the names that Ansible gives its sides. */
export function headed(
  path: string,
  diff: { before: Json; after: Json },
  of: "content" | "attributes" | "kernel",
): JsonRecord {
  return { ...diff, before_header: `${path} (${of})`, after_header: `${path} (${of})` };
}

function bounded(text: string | undefined): string {
  if (text === undefined) return "(no text, or too large to show)\n";
  return text.length > mostOfDiff
    ? `${text.slice(0, mostOfDiff)}\n(and ${text.length - mostOfDiff} characters more)\n`
    : text;
}
