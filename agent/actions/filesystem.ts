import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { Fstype } from "../../shared/modules/actions/storage.ts";
import type { JsonRecord } from "../../shared/protocol/json.ts";
import type { ResolvedDevice } from "../observe/device.ts";
import type { Signature } from "../observe/signatures.ts";
import type { Answer } from "../orders/orders.ts";
import type { Action, ActionContext } from "./action.ts";
import { runTool } from "./programs/run.ts";
import { splitCommand } from "./split-command.ts";
import { deviceAt } from "./storage/device-at.ts";
import { maker, type Tool, uuidChanger } from "./storage/formats.ts";
import { grow } from "./storage/grow.ts";
import { insistOnFree, whoElse } from "./storage/in-use.ts";
import { describeSignatures, readSignatures } from "./storage/signatures.ts";
import { complaint, fromPackage, whyPerhapsMissing } from "./storage/tool.ts";

/** What the task is about, and what was found. */
interface Work {
  args: ArgumentsOf<"filesystem">;
  /** As it was given. */
  dev: string;
  device: ResolvedDevice;
  context: ActionContext;
}

/**
 * Sees to it that a device has a file system, or none. What is in use is never touched, and what holds anything only with
 * `force`; a file system that is there already is never made a second time.
 */
export const filesystem: Action<"filesystem"> = async (args, context) => {
  const dev = args.dev ?? args.device ?? "";
  const fstype = args.fstype ?? args.type;
  const device = await deviceAt(dev, context);
  if (device === undefined) {
    if (args.state === "absent") return { outcome: "ok", result: { dev, msg: `there is no ${dev}` } };
    throw new FlashfleetError("device_absent", `cannot make a file system on ${dev}: it is not there`, {
      hint: "flashfleet facts lists drives; the device of a connection is {{ connection.device }}",
    });
  }
  const work: Work = { args, dev, device, context };
  const before = await readSignatures(device, context);
  if (before === undefined) return unknown(work, `what is on ${dev} is only known once it is there`);
  if (args.state === "absent" || fstype === undefined)
    return before.length === 0 ? unchanged(work, before) : wipe(work, before);
  const [only, ...others] = before;
  if (only?.type === fstype && others.length === 0) return keep(work, fstype, only);
  return make(work, fstype, before);
};

async function make(work: Work, fstype: Fstype, before: readonly Signature[]): Promise<Answer> {
  const { args, dev, device, context } = work;
  const { uuid } = args;
  if (before.length > 0 && !args.force) {
    const others = await whoElse(context.system, device);
    throw new FlashfleetError(
      "plan_refused",
      `cannot make ${fstype} on ${dev}: it holds ${describeSignatures(before)}`,
      {
        hint: `what is on it would be lost; to lose it, say force: true${others === undefined ? "" : `. ${others}`}`,
      },
    );
  }
  const tool = maker(fstype, { device: device.path, uuid, opts: splitCommand(args.opts ?? "") });
  if (tool === undefined) {
    throw new FlashfleetError("bad_argument", `cannot give ${fstype} the uuid ${uuid}: it has no such uuid`, {
      hint: "leave uuid out",
    });
  }
  await insistOnFree(device, `make ${fstype} on ${dev}`, context);
  const unsure = await whyPerhapsMissing(tool.package, tool.argv[0], context);
  if (unsure !== undefined) return unknown(work, unsure);
  const wanted: Signature = { type: fstype, ...(uuid === undefined ? {} : { uuid }) };
  if (context.checking !== undefined) return foresee(work, [wanted], before);
  await context.job.effect();
  if (before.length > 0) await removeSignatures(work);
  context.job.progress(`making ${fstype} on ${device.path}`);
  await run(tool, `make ${fstype} on ${dev}`, context);
  const after = (await readSignatures(device, context)) ?? [];
  const [made] = after;
  if (made?.type !== fstype || after.length > 1 || (uuid !== undefined && made.uuid !== uuid)) {
    throw new FlashfleetError(
      "not_converging",
      `cannot make ${fstype} on ${dev}: ${tool.argv[0]} has ended well, and it holds ${describeSignatures(after) || "nothing"}`,
      { hint: "somebody else writes to it, or opts ask for something else" },
    );
  }
  return answer(work, "changed", after, before);
}

/** It is there: at most its size and its uuid change. */
async function keep(work: Work, fstype: Fstype, has: Signature): Promise<Answer> {
  const { args, dev, device, context } = work;
  if (args.resizefs) {
    const grown = await grow(fstype, dev, device, context);
    return answer(work, grown === undefined ? "ok" : "changed", [has], [has], grown);
  }
  const { uuid } = args;
  if (uuid === undefined || uuid === has.uuid) return unchanged(work, [has]);
  const tool = uuidChanger(fstype, device.path, uuid);
  if (tool === undefined) {
    throw new FlashfleetError(
      "plan_refused",
      `cannot change the uuid of ${dev}: ${fstype} keeps the one it was made with`,
      {
        hint: `it has ${has.uuid ?? "none"}; leave uuid out`,
      },
    );
  }
  await insistOnFree(device, `change the uuid of ${dev}`, context);
  const wanted = { ...has, uuid };
  if (context.checking !== undefined) return foresee(work, [wanted], [has]);
  await context.job.effect();
  await run(tool, `change the uuid of ${dev}`, context);
  const after = (await readSignatures(device, context)) ?? [];
  if (after[0]?.uuid !== uuid) {
    throw new FlashfleetError(
      "not_converging",
      `cannot change the uuid of ${dev}: it is ${after[0]?.uuid ?? "none"} still`,
    );
  }
  return answer(work, "changed", after, [has]);
}

async function wipe(work: Work, before: readonly Signature[]): Promise<Answer> {
  const { dev, device, context } = work;
  await insistOnFree(device, `wipe ${dev}`, context);
  if (context.checking !== undefined) return foresee(work, [], before);
  await context.job.effect();
  await removeSignatures(work);
  const after = (await readSignatures(device, context)) ?? [];
  if (after.length > 0) {
    throw new FlashfleetError("not_converging", `cannot wipe ${dev}: it holds ${describeSignatures(after)} still`, {
      hint: "somebody else writes to it",
    });
  }
  return answer(work, "changed", after, before);
}

async function removeSignatures({ dev, device, context }: Work): Promise<void> {
  await run({ argv: ["wipefs", "--all", device.path], package: "util-linux" }, `wipe ${dev}`, context);
}

async function run(tool: Tool, doing: string, { system, deadline }: ActionContext): Promise<void> {
  const ran = await fromPackage(tool.package, runTool({ argv: tool.argv }, { system, deadline }));
  if (ran.code === 0) return;
  throw new FlashfleetError("command_failed", `cannot ${doing}: ${tool.argv[0]} says: ${complaint(ran)}`, {
    hint: "nothing on the device can be relied on now: run the task again once the cause is mended",
  });
}

/** In a check: later tasks of it find the device as this one would leave it. */
function foresee(work: Work, after: readonly Signature[], before: readonly Signature[]): Answer {
  work.context.checking?.foreseen.signatures.set(work.device.path, after);
  return answer(work, "changed", after, before);
}

/** In a check: what the run will do depends on what is not known yet. */
function unknown({ dev, device }: Work, msg: string): Answer {
  return { outcome: "ok", result: { dev, device: device.path, skipped: true, msg } };
}

function unchanged(work: Work, signatures: readonly Signature[]): Answer {
  return answer(work, "ok", signatures, signatures);
}

function answer(
  { dev, device }: Work,
  outcome: "ok" | "changed",
  after: readonly Signature[],
  before: readonly Signature[],
  more: JsonRecord = {},
): Answer {
  const [has] = after;
  return {
    outcome,
    result: {
      dev,
      device: device.path,
      fstype: has?.type ?? null,
      uuid: has?.uuid ?? null,
      label: has?.label ?? null,
      size: device.size,
      before: before.map(({ type }) => type),
      ...more,
    },
  };
}
