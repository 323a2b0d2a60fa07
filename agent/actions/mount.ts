import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { JsonRecord } from "../../shared/protocol/json.ts";
import type { Mount } from "../observe/mountinfo.ts";
import type { Answer } from "../orders/orders.ts";
import type { Action, ActionContext } from "./action.ts";
import { followed, lookAt } from "./files/look.ts";
import { editFstab } from "./storage/edit-fstab.ts";
import { type FstabEntry, withEntry, withoutEntry } from "./storage/fstab.ts";
import { fstabOptions, isBind } from "./storage/mount-options.ts";
import { mountedAt, mountOn, remount, removeMountPoint, unmount } from "./storage/mount-points.ts";
import { isDeviceName, type MountSource, resolveSource } from "./storage/mount-source.ts";

type Arguments = ArgumentsOf<"mount">;

interface Work {
  args: Arguments;
  path: string;
  context: ActionContext;
}

const ways: Readonly<Record<Arguments["state"], (work: Work) => Promise<Answer>>> = {
  absent,
  absent_from_fstab: forgotten,
  ephemeral: mounted,
  mounted,
  present,
  remounted,
  unmounted,
};

/** What is mounted where: now, at boot by fstab, or both. */
export const mount: Action<"mount"> = async (args, context) => {
  const path = (args.path ?? args.name ?? "").replace(/(?<=.)\/+$/, "");
  const inFstab = args.state === "present" || args.state === "absent_from_fstab";
  if (path === "none" && !inFstab) {
    throw new FlashfleetError("bad_argument", `cannot bring the path none to ${args.state}: nothing is mounted there`, {
      hint: "path: none is for swap, with state: present or absent_from_fstab",
    });
  }
  return ways[args.state]({ args, path, context });
};

async function present(work: Work): Promise<Answer> {
  const { entry, source } = await entryFor(work);
  const { changed, result } = await editFstab(work.args, (text) => withEntry(text, entry), work.context);
  return answer(work, changed, { ...shownEntry(entry, source), ...result });
}

async function mounted(work: Work): Promise<Answer> {
  const { args, path, context } = work;
  const { entry, source } = await entryFor(work);
  const has = await mountedAt(path, context);
  if (has !== undefined && !(await isOf(has, entry, source, context))) {
    throw new FlashfleetError("plan_refused", `cannot mount ${entry.src} at ${path}: ${has.source} is mounted there`, {
      hint: "unmount it first, with state: unmounted, or take another path",
    });
  }
  const isAbsent = source.device === undefined && isDeviceName(entry.src) && !isBind(entry.opts);
  if (has === undefined && isAbsent) throw absentDevice(entry.src, path);
  const fstab =
    args.state === "ephemeral"
      ? { changed: false, result: {}, undo: async () => {} }
      : await editFstab(args, (text) => withEntry(text, entry), context);
  try {
    if (has === undefined) await mountOn({ ...entry, device: source.device }, context);
    else if (fstab.changed) await remount(path, entry.opts, context);
  } catch (error) {
    // A line that cannot be mounted may keep the machine from booting.
    await fstab.undo();
    throw error;
  }
  return answer(work, has === undefined || fstab.changed, { ...shownEntry(entry, source), ...fstab.result });
}

async function remounted(work: Work): Promise<Answer> {
  const { args, path, context } = work;
  if ((await mountedAt(path, context)) === undefined) {
    throw new FlashfleetError("not_found", `cannot remount ${path}: nothing is mounted there`, {
      hint: "state: mounted mounts it",
    });
  }
  await remount(path, args.opts, context);
  return answer(work, true, {});
}

async function unmounted(work: Work): Promise<Answer> {
  return answer(work, await unmount(work.path, work.context), {});
}

async function forgotten(work: Work): Promise<Answer> {
  const { changed, result } = await removeEntry(work);
  return answer(work, changed, result);
}

/** Unmounted first: what is busy keeps its line. */
async function absent(work: Work): Promise<Answer> {
  const { path, context } = work;
  const wasMounted = await unmount(path, context);
  const { changed, result } = await removeEntry(work);
  // A directory that this task has nothing else to do with is somebody's own.
  const wasThere = (wasMounted || changed) && (await lookAt(context.system, path)) !== undefined;
  const msg = wasThere ? await removeMountPoint(path, context) : undefined;
  return answer(work, wasMounted || changed, { ...result, ...(msg === undefined ? {} : { msg }) });
}

function removeEntry({ args, path, context }: Work) {
  const key = { path, ...(args.src === undefined ? {} : { src: args.src }) };
  return editFstab(args, (text) => withoutEntry(text, key), context);
}

async function entryFor({ args, path, context }: Work): Promise<{ entry: FstabEntry; source: MountSource }> {
  const { src = "", fstype = "auto", dump, passno, boot } = args;
  const source = isBind(args.opts ?? "")
    ? { written: src, device: undefined, remote: false }
    : await resolveSource(src, context);
  const opts = fstabOptions(args.opts, { boot, remote: source.remote });
  return { entry: { src: source.written, path, fstype, opts, dump, passno }, source };
}

/** Whether what is mounted is what is wanted. Of what has no device only the name can be compared; of a bind mount, nothing. */
async function isOf(
  has: Mount,
  entry: FstabEntry,
  { device }: MountSource,
  { system }: ActionContext,
): Promise<boolean> {
  if (isBind(entry.opts)) return true;
  if (device?.kind !== "block") return has.source === entry.src || !has.source.startsWith("/dev/");
  if (has.device === device.number) return true;
  // btrfs shows a number of its own.
  return has.source.startsWith("/") && (await followed(system, has.source)) === device.path;
}

function absentDevice(src: string, path: string): FlashfleetError {
  return new FlashfleetError("device_absent", `cannot mount ${src} at ${path}: it is not there`, {
    hint: "flashfleet facts lists drives and flashfleet health connections; names below /dev/disk are made by udev",
  });
}

function shownEntry({ src, fstype, opts, dump, passno }: FstabEntry, { says }: MountSource): JsonRecord {
  return { src, fstype, opts, dump, passno, ...(says === undefined ? {} : { msg: says }) };
}

/** With what was observed at the end. */
async function answer({ args, path, context }: Work, changed: boolean, more: JsonRecord): Promise<Answer> {
  const now = path === "none" ? undefined : await mountedAt(path, context);
  const mounted =
    now === undefined
      ? { mounted: false }
      : { mounted: true, device: now.source, mounted_fstype: now.type, mounted_opts: now.options };
  return {
    outcome: changed ? "changed" : "ok",
    result: { name: path, path, state: args.state, fstab: args.fstab, boot: args.boot, ...more, ...mounted },
  };
}
