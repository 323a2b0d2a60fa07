import { basename, dirname, join } from "node:path/posix";
import { FlashfleetError } from "../../../shared/errors.ts";
import type { ResolvedDevice } from "../../observe/device.ts";
import { mountHolders } from "../../observe/mount-holders.ts";
import { type Mount, parseMountinfo } from "../../observe/mountinfo.ts";
import { deviceUse } from "../../observe/use.ts";
import type { ActionContext } from "../action.ts";
import { followed, lookAt } from "../files/look.ts";
import { makeDirectories } from "../files/make.ts";
import { runTool } from "../programs/run.ts";
import { mountOptions } from "./mount-options.ts";
import { describeSignatures, readSignatures } from "./signatures.ts";
import { complaint, fromPackage } from "./tool.ts";

/** What lies uppermost at a path; undefined where nothing is mounted there. */
export async function mountedAt(path: string, { system }: ActionContext): Promise<Mount | undefined> {
  const at = (await followed(system, path)) ?? path;
  return parseMountinfo(await system.read("/proc/self/mountinfo")).findLast((mount) => mount.at === at);
}

export interface Mounting {
  path: string;
  /** What fstab would have. */
  src: string;
  device: ResolvedDevice | undefined;
  fstype: string;
  opts: string;
}

/** Mounts something where nothing is mounted. Rejects with the reason; a mount point that was made for it is gone then. */
export async function mountOn(what: Mounting, context: ActionContext): Promise<void> {
  const { path, src, device, fstype, opts } = what;
  if (device !== undefined) await insistOnNotExported(device, path, context);
  const foreseen = await foreseenTrouble(device, fstype, context);
  if (foreseen !== undefined) throw notMounted(src, path, fstype, foreseen);
  const made = await makeDirectories(path, context);
  await context.job.effect();
  const source = device?.path ?? src;
  const ran = await fromPackage("mount", run(["mount", "-t", fstype, "-o", mountOptions(opts), source, path], context));
  if (ran.code === 0 && (await mountedAt(path, context)) !== undefined) return;
  for (const directory of made.toReversed())
    await context.system.do({ op: "rmdir", path: directory }, context.deadline);
  if (ran.code === 0) {
    throw new FlashfleetError(
      "not_converging",
      `cannot mount ${src} at ${path}: mount has ended well, and nothing is mounted there`,
      {
        hint: "systemd unmounts what its units do not know: systemctl status, and dmesg, say more",
      },
    );
  }
  throw notMounted(src, path, fstype, complaint(ran));
}

function notMounted(src: string, path: string, fstype: string, reason: string): FlashfleetError {
  return new FlashfleetError("kernel_refused", `cannot mount ${src} at ${path}: ${reason}`, {
    hint: /unknown filesystem type/.test(reason)
      ? `this kernel has no ${fstype} loaded: kernel_module: { name: ${fstype} }`
      : "does it hold that file system? filesystem makes one; dmesg on the node often says more",
  });
}

/** A check's model of the node does not know what lies on its devices: whether they hold what is to be mounted, the node does. */
async function foreseenTrouble(
  device: ResolvedDevice | undefined,
  fstype: string,
  context: ActionContext,
): Promise<string | undefined> {
  if (context.checking === undefined || device === undefined || fstype === "auto") return undefined;
  const has = await readSignatures(device, context);
  if (has === undefined || has.some(({ type }) => type === fstype)) return undefined;
  return `it holds ${describeSignatures(has) || "nothing"}, and no ${fstype}`;
}

/** Two systems that write to one file system destroy it. */
async function insistOnNotExported(device: ResolvedDevice, path: string, { system }: ActionContext): Promise<void> {
  const exported = (await deviceUse(system, device.path)).filter(({ by }) => by === "namespace");
  if (exported.length === 0) return;
  throw new FlashfleetError(
    "device_in_use",
    `cannot mount ${device.path} at ${path}: ${exported.map(({ says }) => says).join("; ")}`,
    { hint: "a host that has it mounted, too, would destroy it: end the export first" },
  );
}

export async function remount(path: string, opts: string | undefined, context: ActionContext): Promise<void> {
  const words = opts === undefined ? "remount" : `remount,${mountOptions(opts)}`;
  await context.job.effect();
  const ran = await fromPackage("mount", run(["mount", "-o", words, path], context));
  if (ran.code === 0) return;
  throw new FlashfleetError("kernel_refused", `cannot remount ${path}: ${complaint(ran)}`, {
    hint: "some options only hold from a fresh mount on: state: unmounted, then mounted",
  });
}

/** What is busy only for a moment is tried again for so long, milliseconds. */
const lingerMillis = 1500;
const lingerPause = 250;

/** Unmounts all that lies at a path; false where nothing did. Never by force and never lazily: throws `device_in_use` with who keeps it. */
export async function unmount(path: string, context: ActionContext): Promise<boolean> {
  const { clock, system } = context;
  let unmounted = false;
  const end = clock.now() + lingerMillis;
  for (;;) {
    if ((await mountedAt(path, context)) === undefined) return unmounted;
    await context.job.effect();
    const ran = await fromPackage("mount", run(["umount", path], context));
    if (ran.code === 0) {
      unmounted = true;
      continue;
    }
    if ((await mountedAt(path, context)) === undefined) return true;
    const said = complaint(ran);
    if (!/busy/.test(said)) throw new FlashfleetError("kernel_refused", `cannot unmount ${path}: ${said}`);
    if (clock.now() < end) {
      await clock.sleep(lingerPause);
      continue;
    }
    const holders = await mountHolders(system, (await followed(system, path)) ?? path);
    throw new FlashfleetError("device_in_use", `cannot unmount ${path}: it is busy: ${holders.join("; ") || said}`, {
      hint:
        holders.length === 0
          ? "nothing that can be seen from here keeps it: a container with a mount of its own may, or an export over NFS"
          : "end them first; it is never unmounted by force or lazily, which would lose what they write",
    });
  }
}

/** Removes a mount point that holds nothing; gives why it stays otherwise. */
export async function removeMountPoint(path: string, context: ActionContext): Promise<string | undefined> {
  const { system, deadline } = context;
  const real = join((await followed(system, dirname(path))) ?? dirname(path), basename(path));
  const stat = await lookAt(system, real);
  if (stat === undefined) return undefined;
  if (stat.kind !== "directory") return `${path} stays: it is a ${stat.kind}`;
  if ((await system.list(real)).length > 0) return `${path} stays: it is not empty`;
  await context.job.effect();
  await system.do({ op: "rmdir", path: real }, deadline);
  return undefined;
}

function run(argv: readonly [string, ...string[]], { system, deadline }: ActionContext) {
  return runTool({ argv }, { system, deadline });
}
