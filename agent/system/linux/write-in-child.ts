import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Deadline } from "../../../shared/clock.ts";
import { SystemError } from "../system.ts";
import type { ChildResult, RunChild } from "./child.ts";
import { errnoInText } from "./errno.ts";
import type { Limit } from "./limits.ts";
import { attributeBytes } from "./write.ts";

interface Means {
  limit: Limit;
  runChild: RunChild;
}

/**
 * Writes an attribute whose write can hang. Opening stays here, for its exact errno; the open file becomes the stdout of a
 * `cat` that gets the value on stdin, so that a hanging write hangs there.
 */
export async function writeInChild(means: Means, path: string, value: string, deadline: Deadline): Promise<void> {
  const bytes = attributeBytes(path, value);
  const file = await means.limit("open", path, deadline, () => open(path, constants.O_WRONLY));
  try {
    await pour(means.runChild, file, path, bytes, deadline);
  } finally {
    closeUnwaited(file);
  }
}

/**
 * Connects a controller: one write to /dev/nvme-fabrics, which then answers on the same open file with the instance that it
 * made (host/fabrics.c). Resolves with the name of that controller: nvme0.
 */
export async function connectInChild(means: Means, path: string, options: string, deadline: Deadline): Promise<string> {
  const bytes = attributeBytes(path, options);
  const file = await means.limit("open", path, deadline, () => open(path, constants.O_RDWR));
  try {
    await pour(means.runChild, file, path, bytes, deadline);
    const answer = Buffer.alloc(4096);
    const { bytesRead } = await means.limit("read", path, deadline, () => file.read(answer, 0, answer.length, null));
    const text = answer.toString("utf8", 0, bytesRead);
    const instance = /^instance=(\d+),/.exec(text)?.[1];
    if (instance === undefined)
      throw new SystemError("EIO", path, "connect through", { detail: "it names no controller" });
    return `nvme${instance}`;
  } finally {
    closeUnwaited(file);
  }
}

async function pour(
  runChild: RunChild,
  file: FileHandle,
  path: string,
  bytes: Buffer,
  deadline: Deadline,
): Promise<void> {
  const result = await runChild({ argv: ["cat"], doing: "write", path, stdin: bytes, stdout: file.fd, deadline });
  if (result.code !== 0) throw failure("write", path, result);
}

/** What a program that failed says, as an errno. Its text never holds what it got on stdin. */
export function failure(doing: string, path: string, { code, stderr }: ChildResult): SystemError {
  const said = stderr.trim() === "" ? `exit code ${code}` : stderr.trim();
  return new SystemError(errnoInText(stderr) ?? "UNKNOWN", path, doing, { detail: said });
}

/** The last close of a file can hang as its write did: nobody waits for it. */
function closeUnwaited(file: FileHandle): void {
  file.close().catch(() => undefined);
}
