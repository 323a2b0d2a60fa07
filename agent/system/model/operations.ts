import { Secret } from "../../../shared/secret.ts";
import { whyNeverWritten } from "../attribute-value.ts";
import { renderConnectOptions } from "../connect-options.ts";
import type { Op } from "../system.ts";
import { Errno, ShortWrite } from "./errno.ts";
import { walk, walkToParent } from "./files/walk.ts";
import type { Machine } from "./machine.ts";
import { Process } from "./process.ts";

const fabricsDevice = "/dev/nvme-fabrics";

/** What an error of the operation names. */
export function placeOf(op: Op): string {
  if ("path" in op) return op.path;
  if ("name" in op) return op.name;
  return op.op === "connect" ? fabricsDevice : "/sys/kernel/config";
}

/** One operation on a machine, by a process of its own. Throws an {@link Errno}. */
export async function execute(machine: Machine, op: Op): Promise<void> {
  const process = new Process(machine);
  switch (op.op) {
    case "mkdir":
      return process.mkdir(op.path);
    case "rmdir":
      return process.rmdir(op.path);
    case "unlink":
      return process.unlink(op.path);
    case "symlink":
      return process.symlink(op.to, op.path);
    case "write":
      return writeAttribute(process, op.path, op.value instanceof Secret ? op.value.reveal() : op.value);
    case "replace":
      return replace(machine, op);
    case "chmod":
      return process.chmod(op.path, op.mode);
    case "chown":
      return process.chown(op.path, op.owner);
    case "touch":
      return process.touch(op.path);
    case "rename":
      return process.rename(op.path, op.to);
    case "modprobe":
      return machine.load(op.name, op.parameters);
    case "unloadModule":
      return machine.unload(op.name);
    case "mountConfigfs":
      return machine.mountConfigfs();
    case "connect":
      return write(process, fabricsDevice, renderConnectOptions(op.options));
  }
}

/** As the agent on Linux: what it never writes does not reach the kernel. */
async function writeAttribute(process: Process, path: string, text: string): Promise<void> {
  const reason = whyNeverWritten(text);
  if (reason !== undefined) throw new Errno("EINVAL", reason);
  await write(process, path, text);
}

async function write(process: Process, path: string, text: string): Promise<void> {
  const file = process.open(path, { access: "write" });
  try {
    const taken = await process.write(file, text);
    if (taken < Buffer.byteLength(text)) throw new ShortWrite(taken);
  } finally {
    process.close(file);
  }
}

type Replace = Extract<Op, { op: "replace" }>;

function replace({ root }: Machine, { path, content, mode, owner = { uid: 0, gid: 0 } }: Replace): void {
  const directory = path.slice(0, path.lastIndexOf("/"));
  if (!exists(root, directory)) root.ensure(directory);
  const { parent, name } = walkToParent(root, path);
  if (parent.replace === undefined) throw new Errno("EACCES");
  parent.replace(name, content, { mode, ...owner });
}

function exists(root: Machine["root"], path: string): boolean {
  try {
    walk(root, path, true);
    return true;
  } catch (error) {
    if (error instanceof Errno && error.code === "ENOENT") return false;
    throw error;
  }
}
