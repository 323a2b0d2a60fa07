import { FlashfleetError } from "../../../shared/errors.ts";
import type { Fstype } from "../../../shared/modules/actions/storage.ts";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import type { ResolvedDevice } from "../../observe/device.ts";
import { parseMountinfo } from "../../observe/mountinfo.ts";
import { deviceUse } from "../../observe/use.ts";
import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { runTool } from "../programs/run.ts";
import { insistOnFree } from "./in-use.ts";
import { complaint, fromPackage } from "./tool.ts";

interface Grower {
  /** Bytes that the file system has now, and of one of its blocks. */
  size: { total: number; block: number };
  run(): Promise<void>;
}

/** Grows a file system to its device. Undefined where it fills it already; else what changed. */
export async function grow(
  fstype: Fstype,
  dev: string,
  device: ResolvedDevice,
  context: ActionContext,
): Promise<JsonRecord | undefined> {
  const { size, run } = await growerOf(fstype, dev, device, context);
  // What is less than a block stays unused.
  if (device.size - size.total < size.block) return undefined;
  await insistOnNoOther(dev, device, context);
  const grown = { size_before: size.total };
  if (context.check) return grown;
  await context.job.effect();
  await run();
  return grown;
}

async function growerOf(fstype: Fstype, dev: string, device: ResolvedDevice, context: ActionContext): Promise<Grower> {
  if (/^ext[234]$/.test(fstype)) {
    const ran = await fromPackage("e2fsprogs", look(["dumpe2fs", "-h", device.path], context));
    const size = sizeFrom(/^Block count: +(\d+)$/m, /^Block size: +(\d+)$/m, ran.stdout);
    if (ran.code !== 0 || size === undefined) throw failed(dev, complaint(ran));
    return { size, run: () => resize(["resize2fs", device.path], "e2fsprogs", dev, context) };
  }
  if (fstype === "xfs") {
    const at = await mountPoint(device, context);
    if (at === undefined) {
      throw new FlashfleetError("plan_refused", `cannot grow ${dev}: xfs grows only while it is mounted`, {
        hint: "mount it in a task before this one",
      });
    }
    const ran = await fromPackage("xfsprogs", look(["xfs_info", at], context));
    const [, data = ""] = /^data +(=.*(?:\n +=.*)*)/m.exec(ran.stdout) ?? [];
    const size = sizeFrom(/\bblocks=(\d+)/, /\bbsize=(\d+)/, data);
    if (ran.code !== 0 || size === undefined) throw failed(dev, complaint(ran));
    return { size, run: () => resize(["xfs_growfs", at], "xfsprogs", dev, context) };
  }
  throw new FlashfleetError("plan_refused", `cannot grow ${dev}: of ${fstype} that is not supported`, {
    hint: "ext2, ext3, ext4 and xfs grow; others with command:",
  });
}

function sizeFrom(blocks: RegExp, block: RegExp, text: string): Grower["size"] | undefined {
  const [count, bytes] = [blocks, block].map((pattern) => Number(pattern.exec(text)?.[1]));
  if (count === undefined || bytes === undefined || !(count > 0) || !(bytes > 0)) return undefined;
  return { total: count * bytes, block: bytes };
}

/** It may be mounted here: file systems grow while they are. Whoever else uses the device would be surprised. */
async function insistOnNoOther(dev: string, device: ResolvedDevice, context: ActionContext): Promise<void> {
  const uses = await deviceUse(context.system, device.path);
  if (!uses.some(({ by }) => by === "mount")) return insistOnFree(device, `grow ${dev}`, context);
  const others = uses.filter(({ by }) => by !== "mount");
  if (others.length === 0) return;
  throw new FlashfleetError("device_in_use", `cannot grow ${dev}: ${others.map(({ says }) => says).join("; ")}`, {
    hint: "free it first, up to the mount",
  });
}

async function mountPoint(device: ResolvedDevice, { system }: ActionContext): Promise<string | undefined> {
  if (device.kind === "file") return undefined;
  const mounts = parseMountinfo(await system.read("/proc/self/mountinfo"));
  return mounts.find((mount) => mount.device === device.number)?.at;
}

async function resize(
  argv: readonly [string, ...string[]],
  from: "e2fsprogs" | "xfsprogs",
  dev: string,
  { system, deadline }: ActionContext,
): Promise<void> {
  const ran = await fromPackage(from, runTool({ argv }, { system, deadline }));
  if (ran.code !== 0) throw failed(dev, complaint(ran));
}

function failed(dev: string, reason: string): FlashfleetError {
  return new FlashfleetError("command_failed", `cannot grow ${dev}: ${reason}`, {
    hint: "an ext file system that is not mounted has to be checked before: e2fsck -f",
  });
}
