import { chmod, lchown, mkdir, rename, rmdir, symlink, unlink } from "node:fs/promises";
import type { Deadline } from "../../../shared/clock.ts";
import { Secret } from "../../../shared/secret.ts";
import { renderConnectOptions } from "../connect-options.ts";
import type { Op } from "../system.ts";
import { canBlock } from "./can-block.ts";
import type { RunChild } from "./child.ts";
import type { Limit } from "./limits.ts";
import { modprobe, mountConfigfs, removeDirectory, unloadModule } from "./programs.ts";
import { replaceFile, touchFile, writeAttribute } from "./write.ts";
import { connectInChild, writeInChild } from "./write-in-child.ts";

/** The member of the union that has this name, also where it shares its shape with others. */
type Member<K extends Op["op"], O extends Op = Op> = O extends Op ? (K extends O["op"] ? Omit<O, "op"> : never) : never;
type Members = { [K in Op["op"]]: Member<K> };
/** Ops by name, in the form in which the compiler sees that an op and its executor belong together. */
type OpNamed<K extends Op["op"]> = { [N in K]: { op: N } & Members[N] }[K];

/** One executor for every op: a new op without one does not compile. */
export type Executors = { [K in Op["op"]]: (op: { op: K } & Members[K], deadline: Deadline) => Promise<void> };

const fabrics = "/dev/nvme-fabrics";

export function createExecutors(limit: Limit, runChild: RunChild): Executors {
  const means = { limit, runChild };
  return {
    mkdir: ({ path }, deadline) => limit("mkdir", path, deadline, async () => void (await mkdir(path))),
    rmdir: (op, deadline) =>
      canBlock(op)
        ? removeDirectory(runChild, op.path, deadline)
        : limit("rmdir", op.path, deadline, () => rmdir(op.path)),
    unlink: ({ path }, deadline) => limit("unlink", path, deadline, () => unlink(path)),
    symlink: ({ path, to }, deadline) => limit("symlink", path, deadline, () => symlink(to, path)),
    write: async (op, deadline) => {
      const value = op.value instanceof Secret ? op.value.reveal() : op.value;
      if (canBlock(op)) await writeInChild(means, op.path, value, deadline);
      else await limit("write", op.path, deadline, () => writeAttribute(op.path, value));
    },
    replace: ({ path, content, mode, owner }, deadline) =>
      limit("replace", path, deadline, () => replaceFile(path, content, mode, owner)),
    chmod: ({ path, mode }, deadline) => limit("chmod", path, deadline, () => chmod(path, mode)),
    chown: ({ path, owner }, deadline) => limit("chown", path, deadline, () => lchown(path, owner.uid, owner.gid)),
    touch: ({ path }, deadline) => limit("touch", path, deadline, () => touchFile(path)),
    rename: ({ path, to }, deadline) => limit("rename", path, deadline, () => rename(path, to)),
    modprobe: ({ name, parameters }, deadline) => modprobe(runChild, name, parameters, deadline),
    unloadModule: ({ name }, deadline) => unloadModule(runChild, name, deadline),
    mountConfigfs: (_op, deadline) => mountConfigfs(runChild, deadline),
    connect: async ({ options }, deadline) => {
      await connectInChild(means, fabrics, renderConnectOptions(options), deadline);
    },
  };
}

/** Runs one op with its executor. */
export function execute<K extends Op["op"]>(executors: Executors, op: OpNamed<K>, deadline: Deadline): Promise<void> {
  return executors[op.op](op, deadline);
}
