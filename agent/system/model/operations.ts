import { Secret } from "../../../shared/secret.ts";
import { whyNeverWritten } from "../attribute-value.ts";
import { renderConnectOptions } from "../connect-options.ts";
import type { Op } from "../system.ts";
import { Errno } from "./errno.ts";
import { walk, walkToParent } from "./files/walk.ts";
import type { Machine } from "./machine.ts";

const fabricsDevice = "/dev/nvme-fabrics";

/** What an error of the operation names. */
export function placeOf(op: Op): string {
  if ("path" in op) return op.path;
  if ("name" in op) return op.name;
  return op.op === "connect" ? fabricsDevice : "/sys/kernel/config";
}

/** One operation on a machine. Throws an {@link Errno}. */
export async function execute(machine: Machine, op: Op): Promise<void> {
  switch (op.op) {
    case "mkdir":
      return makeDirectory(machine, op.path);
    case "rmdir":
      return removeDirectory(machine, op.path);
    case "unlink":
      return unlink(machine, op.path);
    case "symlink":
      return symlink(machine, op.path, op.to);
    case "write":
      return writeAttribute(machine, op.path, op.value instanceof Secret ? op.value.reveal() : op.value);
    case "replace":
      return replace(machine, op.path, op.content);
    case "modprobe":
      return machine.modules.load(op.name, op.parameters);
    case "unloadModule":
      return machine.unload(op.name);
    case "mountConfigfs":
      return machine.mountConfigfs();
    case "connect":
      return write(machine, fabricsDevice, renderConnectOptions(op.options));
  }
}

function makeDirectory({ root }: Machine, path: string): void {
  const { parent, name } = walkToParent(root, path);
  if (parent.get(name) !== undefined) throw new Errno("EEXIST");
  if (parent.make === undefined) throw new Errno("EPERM");
  parent.make(name);
}

async function removeDirectory({ root }: Machine, path: string): Promise<void> {
  const { parent, name } = walkToParent(root, path);
  const entry = parent.get(name);
  if (entry !== undefined && entry.kind !== "directory") throw new Errno("ENOTDIR");
  if (parent.remove === undefined) throw new Errno(parent.get(name) === undefined ? "ENOENT" : "EPERM");
  await parent.remove(name);
}

async function unlink({ root }: Machine, path: string): Promise<void> {
  const { parent, name } = walkToParent(root, path);
  if (parent.get(name)?.kind === "directory") throw new Errno("EISDIR");
  if (parent.unlink === undefined) throw new Errno(parent.get(name) === undefined ? "ENOENT" : "EPERM");
  await parent.unlink(name);
}

async function symlink({ root }: Machine, path: string, to: string): Promise<void> {
  const { parent, name } = walkToParent(root, path);
  if (parent.link === undefined) throw new Errno("EPERM");
  await parent.link(name, to, () => walk(root, to, true).entry);
}

/** As the agent on Linux: what it never writes does not reach the kernel. */
async function writeAttribute(machine: Machine, path: string, text: string): Promise<void> {
  const reason = whyNeverWritten(text);
  if (reason !== undefined) throw new Errno("EINVAL", reason);
  await write(machine, path, text);
}

async function write({ root }: Machine, path: string, text: string): Promise<void> {
  const { entry } = walk(root, path, true);
  if (entry.kind === "directory") throw new Errno("EISDIR");
  if (entry.kind === "link" || entry.write === undefined) throw new Errno("EACCES");
  await entry.write(text);
}

function replace({ root }: Machine, path: string, content: string): void {
  const directory = path.slice(0, path.lastIndexOf("/"));
  if (!exists(root, directory)) root.ensure(directory);
  const { parent, name } = walkToParent(root, path);
  if (parent.replace === undefined) throw new Errno("EACCES");
  parent.replace(name, content);
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
