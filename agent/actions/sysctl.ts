import { basename, dirname } from "node:path/posix";
import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import { nearest } from "../../shared/nearest.ts";
import type { Json } from "../../shared/protocol/json.ts";
import { listIfThere, readAttribute } from "../observe/tolerant.ts";
import { SystemError } from "../system/system.ts";
import type { Action, ActionContext } from "./action.ts";
import { followed, lookAt, readText } from "./files/look.ts";
import { headed, writeFile } from "./files/write.ts";
import { pathOf, saysTheSame } from "./sysctl/key.ts";
import { valueIn, withSetting } from "./sysctl/lines.ts";

type Arguments = ArgumentsOf<"sysctl">;

interface Kernel {
  changed: boolean;
  /** What it had before; undefined where that cannot be read, or where the kernel was not asked. */
  before?: string | undefined;
  msg?: string;
}

/**
 * A setting of the kernel, in a file for the next boot and at once. The kernel comes first: what it refuses does not get into
 * the file.
 */
export const sysctl: Action<"sysctl"> = async (args, context) => {
  const { name, value, state, reload, sysctl_set: setsKernel } = args;
  const isWanted = state === "present";
  const kernel: Kernel =
    isWanted && (reload || setsKernel) ? await setInKernel(args, value ?? "", context) : { changed: false };
  const file = await setInFile(args, isWanted ? value : undefined, context);
  const diff = [
    ...(kernel.changed ? [headed(name, { before: `${kernel.before ?? ""}\n`, after: `${value}\n` }, "kernel")] : []),
    ...(file.diff === undefined ? [] : [file.diff]),
  ];
  return {
    outcome: kernel.changed || file.changed ? "changed" : "ok",
    result: {
      name,
      state,
      ...(isWanted ? { value: value ?? "" } : {}),
      ...(kernel.msg === undefined ? {} : { msg: kernel.msg }),
      ...(diff.length === 0 ? {} : { diff }),
    },
  };
};

async function setInKernel({ name, ignoreerrors }: Arguments, value: string, context: ActionContext): Promise<Kernel> {
  const { system, deadline } = context;
  const path = pathOf(name);
  if ((await lookAt(system, path))?.kind !== "file") {
    const msg = `the kernel does not know ${name}`;
    if (ignoreerrors) return { changed: false, msg };
    throw new FlashfleetError("not_found", `cannot set ${name}: ${msg}`, { hint: await hintFor(path, context) });
  }
  const before = await readAttribute(system, path);
  if (before !== undefined && saysTheSame(before, value)) return { changed: false, before };
  try {
    await system.do({ op: "write", path, value }, deadline);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    throw new FlashfleetError("kernel_refused", `cannot set ${name} to ${value}: the kernel answers ${error.errno}`, {
      hint: hints[error.errno] ?? `the message of ${path} is in errno.h's words`,
      cause: error,
    });
  }
  const after = await readAttribute(system, path);
  if (before === undefined || after === undefined || !tookLess(after, value)) return { changed: true, before };
  const msg = `the kernel took ${after} of ${value}`;
  if (ignoreerrors) return { changed: !saysTheSame(after, before), before, msg };
  await system.do({ op: "write", path, value: before }, deadline);
  throw new FlashfleetError("kernel_refused", `cannot set ${name} to ${value}: ${msg}, and has ${before} again`, {
    hint: "memory that is in use or in pieces cannot be given: set it early in the boot, or less; ignoreerrors takes what there is",
  });
}

const hints: Readonly<Record<string, string>> = {
  EINVAL: "the value is not one that this setting takes: its range is in the kernel's Documentation/admin-guide/sysctl",
  EACCES: "this setting is for reading alone",
  EPERM: "the agent may not: does it run as root, and outside of a container?",
  EROFS: "/proc/sys is read-only here: the agent runs in a container",
  ENOENT: "what the value names is not there: perhaps its kernel module has to be loaded before",
};

/** A number that is smaller than the one that was written: as much as there was. Others the kernel may round or spell anew. */
function tookLess(after: string, wanted: string): boolean {
  return /^\d+$/.test(after) && /^\d+$/.test(wanted) && BigInt(after) < BigInt(wanted);
}

async function hintFor(path: string, { system, checking }: ActionContext): Promise<string> {
  const near = nearest(basename(path), await listIfThere(checking?.node ?? system, dirname(path)));
  const key = (name: string) => `${dirname(path).replace("/proc/sys/", "").replaceAll("/", ".")}.${name}`;
  return near === undefined
    ? "perhaps the kernel module that brings it has to be loaded before; ignoreerrors: true passes over it"
    : `did you mean ${key(near)}?`;
}

async function setInFile(
  { name, sysctl_file: file }: Arguments,
  value: string | undefined,
  context: ActionContext,
): Promise<{ changed: boolean; diff?: Json | undefined }> {
  const { system } = context;
  // The file is edited where it lies: links to it stay.
  const path = (await followed(system, file)) ?? file;
  const before = await lookAt(system, path);
  if (before !== undefined && before.kind !== "file") {
    throw new FlashfleetError("bad_argument", `cannot edit ${path}: it is a ${before.kind}`, { hint: "name a file" });
  }
  const text = before === undefined ? "" : await readText(system, path, before);
  const now = valueIn(text, name);
  const isRight = value === undefined ? now === undefined : now !== undefined && isSame(now, value);
  if (isRight) return { changed: false };
  const access = { mode: undefined, uid: undefined, gid: undefined };
  const written = await writeFile({ path, content: withSetting(text, name, value), access, backup: false }, context);
  return { changed: written.changed, diff: written.result.diff };
}

function isSame(one: string, other: string): boolean {
  return one.trim().split(/\s+/).join(" ") === other.trim().split(/\s+/).join(" ");
}
