import { FlashfleetError } from "../../shared/errors.ts";
import { blockClass, nodeOf, partitionsOf } from "../observe/block.ts";
import type { ResolvedDevice } from "../observe/device.ts";
import { isAnswering, toldByUdev } from "../observe/drive-signatures.ts";
import { readAttribute } from "../observe/tolerant.ts";
import type { Action, ActionContext } from "./action.ts";
import { driveAt, insistOnUnused } from "./drive-wipe-guard.ts";
import { runTool } from "./programs/run.ts";
import { deviceAt } from "./storage/device-at.ts";
import { describeSignatures, readSignatures } from "./storage/signatures.ts";
import { complaint, fromPackage } from "./storage/tool.ts";

/** The drive and its partitions, each with the types of what lies on it. */
type Content = { device: ResolvedDevice; types: string[] }[];

/**
 * Removes what tells a whole local drive from an empty one: the signatures of the drive and of its partitions, and with `discard`
 * all that is on it. A drive in use is refused but where `override` names it. In a check it says what would be removed.
 */
export const driveWipe: Action<"drive_wipe"> = async ({ device: dev, discard, override = [] }, context) => {
  const { drive, device } = await driveAt(dev, context);
  const { serial, model, wwid, size } = device;
  if (!(await isAnswering(context.checking?.node ?? context.system, drive.name))) {
    throw new FlashfleetError(
      "plan_refused",
      `cannot wipe ${dev}: its controller is not live, and it would not answer`,
      {
        hint: "dmesg on the node says what became of it",
      },
    );
  }
  const isNamed = await insistOnUnused(dev, device, new Set(override), context);
  if (discard) await insistOnDiscard(dev, drive.name, context);
  const before = await contentOf(dev, device, context);
  const removed = [...new Set(before.flatMap(({ types }) => types))];
  const hasPartitions = before.length > 1;
  const result = { device: dev, path: device.path, removed, serial, model, wwid, size, discarded: discard };
  const foreseen = context.checking?.foreseen;
  // A check's model of the drive keeps its partitions: what the check has wiped before is known by what lies on them.
  const isWiped = foreseen !== undefined && before.every((each) => foreseen.signatures.has(each.device.path));
  if (removed.length === 0 && !discard && (!hasPartitions || isWiped)) return { outcome: "ok", result };
  if (foreseen !== undefined) {
    for (const each of before) foreseen.signatures.set(each.device.path, []);
    return { outcome: "changed", result };
  }
  await context.job.effect();
  const force = isNamed ? ["--force"] : [];
  if (removed.length > 0) await run(dev, ["wipefs", "--all", ...force, ...pathsToWipe(before)], context);
  if (discard) await run(dev, ["blkdiscard", ...force, device.path], context);
  await forgetPartitions(dev, drive.name, context);
  await insistOnEmpty(dev, device, context);
  await udevHasNoticed(drive.name, context);
  return { outcome: "changed", result };
};

/** Partitions first: with the table they go. */
function pathsToWipe(content: Content): string[] {
  return content
    .filter(({ types }) => types.length > 0)
    .map(({ device }) => device.path)
    .toReversed();
}

async function contentOf(dev: string, drive: ResolvedDevice, context: ActionContext): Promise<Content> {
  const parts = drive.kind === "block" ? await partitionsOf(context.system, drive.name) : [];
  const partitions = await Promise.all(parts.map((name) => deviceAt(nodeOf(name), context)));
  const devices = [drive, ...partitions.filter((each) => each !== undefined)];
  return Promise.all(
    devices.map(async (device) => {
      const signatures = await readSignatures(device, context);
      if (signatures !== undefined) return { device, types: signatures.map(({ type }) => type) };
      // In a check, of a drive that has gone or was exchanged since the check began.
      throw new FlashfleetError("device_changed", `cannot wipe ${dev}: ${device.path} is another drive now`, {
        hint: "check again, with the drives that are there",
      });
    }),
  );
}

/** The drive tells how much it discards at once: none at all where it cannot. */
async function insistOnDiscard(dev: string, name: string, { system, checking }: ActionContext): Promise<void> {
  const most = await readAttribute(checking?.node ?? system, `${blockClass}/${name}/queue/discard_max_bytes`);
  if (most !== "0") return;
  throw new FlashfleetError("plan_refused", `cannot discard ${dev}: this drive has no such command`, {
    hint: "leave discard out: its signatures are wiped all the same",
  });
}

/** How long udev may keep the kernel from it by a look at the partitions, milliseconds. */
const lingerMillis = 1500;
const lingerPause = 100;

/** wipefs mostly has told the kernel that there are no partitions any more. */
async function forgetPartitions(dev: string, name: string, context: ActionContext): Promise<void> {
  const { system, clock } = context;
  const end = clock.now() + lingerMillis;
  while ((await partitionsOf(system, name)).length > 0) {
    try {
      return await run(dev, ["blockdev", "--rereadpt", nodeOf(name)], context);
    } catch (error) {
      if (clock.now() >= end) throw error;
    }
    await clock.sleep(lingerPause);
  }
}

async function run(
  dev: string,
  argv: readonly [string, ...string[]],
  { system, deadline }: ActionContext,
): Promise<void> {
  const ran = await fromPackage("util-linux", runTool({ argv }, { system, deadline }));
  if (ran.code === 0) return;
  throw new FlashfleetError("command_failed", `cannot wipe ${dev}: ${argv[0]} says: ${complaint(ran)}`, {
    hint: "part of it may be done: run the task again once the cause is mended",
  });
}

async function insistOnEmpty(dev: string, device: ResolvedDevice, context: ActionContext): Promise<void> {
  const after = (await readSignatures(device, context)) ?? [];
  if (after.length === 0) return;
  throw new FlashfleetError("not_converging", `cannot wipe ${dev}: it holds ${describeSignatures(after)} still`, {
    hint: "somebody else writes to it",
  });
}

/** How long udev is waited for, milliseconds. Its record is brought up to date by then, or by nobody. */
const udevMillis = 3000;
const udevPause = 50;

/** So that facts that are gathered next do not find what is gone. */
async function udevHasNoticed(name: string, { system, clock, deadline }: ActionContext): Promise<void> {
  const end = Math.min(deadline, clock.now() + udevMillis);
  while ((await toldByUdev(system, name)) !== undefined && clock.now() + udevPause < end) await clock.sleep(udevPause);
}
