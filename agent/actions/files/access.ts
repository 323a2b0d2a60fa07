import { FlashfleetError } from "../../../shared/errors.ts";
import { hasErrno, type Owner, type Stat, type System } from "../../system/system.ts";
import type { ActionContext } from "../action.ts";
import { modeFrom, showMode } from "./mode.ts";

/** What a task says of who may do what with a file, as it is written. */
export interface WantedAccess {
  mode?: string | undefined;
  owner?: string | undefined;
  group?: string | undefined;
}

/** The same with names made numbers; undefined: as it is. */
export interface Access {
  mode: string | undefined;
  uid: number | undefined;
  gid: number | undefined;
}

/** Throws `not_found` for a name that the node's own files do not have. */
export async function readAccess(system: System, { mode, owner, group }: WantedAccess): Promise<Access> {
  const [uid, gid] = await Promise.all([
    owner === undefined ? undefined : numberOf(system, "/etc/passwd", "user", owner),
    group === undefined ? undefined : numberOf(system, "/etc/group", "group", group),
  ]);
  return { mode, uid, gid };
}

async function numberOf(system: System, file: string, what: string, name: string): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  const text = await system.read(file).catch((error: unknown) => {
    if (hasErrno(error, "ENOENT")) return "";
    throw error;
  });
  const row = text
    .split("\n")
    .map((line) => line.split(":"))
    .find(([each]) => each === name);
  if (row?.[2] !== undefined && /^\d+$/.test(row[2])) return Number(row[2]);
  throw new FlashfleetError("not_found", `cannot find the ${what} ${name}: ${file} of the node does not have it`, {
    hint: `give its number; only names of ${file} are known`,
  });
}

/** What is to be where this is now. */
export function wantedOf({ mode, uid, gid }: Access, now: Stat): Owner & { mode: number } {
  return {
    mode: mode === undefined ? now.mode : modeFrom(mode, now.mode, now.kind === "directory"),
    uid: uid ?? now.uid,
    gid: gid ?? now.gid,
  };
}

/** What of permissions and owners differs, as a diff shows it; undefined where nothing does. */
export function accessDiff(before: Owner & { mode: number }, after: Owner & { mode: number }) {
  const shown = (one: typeof before) => ({
    ...(before.mode === after.mode ? {} : { mode: showMode(one.mode) }),
    ...(before.uid === after.uid ? {} : { owner: one.uid }),
    ...(before.gid === after.gid ? {} : { group: one.gid }),
  });
  const differs = Object.keys(shown(before)).length > 0;
  return differs ? { before: shown(before), after: shown(after) } : undefined;
}

/** Gives a path that is there the permissions and owners that are wanted. Of a link only the owner is its own. */
export async function applyAccess(path: string, access: Access, { system, deadline }: ActionContext): Promise<boolean> {
  const now = await system.stat(path);
  const wanted = wantedOf(access, now);
  const ownerDiffers = wanted.uid !== now.uid || wanted.gid !== now.gid;
  if (ownerDiffers) await system.do({ op: "chown", path, owner: { uid: wanted.uid, gid: wanted.gid } }, deadline);
  if (now.kind === "link") return ownerDiffers;
  const afterwards = ownerDiffers ? (await system.stat(path)).mode : now.mode;
  if (wanted.mode !== afterwards) await system.do({ op: "chmod", path, mode: wanted.mode }, deadline);
  return ownerDiffers || wanted.mode !== now.mode;
}
