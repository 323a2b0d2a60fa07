import { constants } from "node:os";
import type { Backing } from "../backing.ts";
import { Errno, KernelCrash } from "../errno.ts";
import type { Caller } from "../files/entry.ts";
import type { Nvmet } from "./core.ts";
import type { Namespace } from "./state.ts";

/** errno.h, for what the kernel's log says of an open that failed. */
const numbers: Readonly<Record<string, number | undefined>> = constants.errno;

export function errnoNumber(code: string): number {
  return numbers[code] ?? 0;
}

/**
 * Opens what a namespace lies on, as the caller's paths count (io-cmd-bdev.c, then io-cmd-file.c). Throws what open(2) would,
 * with what nvmet says of it.
 */
export function openNamespace({ machine, kernel }: Nvmet, namespace: Namespace, caller: Caller | undefined): Backing {
  const { path, buffered } = namespace;
  // With buffered_io newer kernels do not look for a block device first.
  const device = !(buffered && kernel.does.buffersDevicesToo);
  if (path === undefined) {
    if (!device) throw new KernelCrash("enable with buffered_io and without device_path");
    throw failed("EINVAL", "block device", "(null)");
  }
  const kind = device && isDevice(machine, path, caller) ? "block device" : "file";
  try {
    const backing = machine.openBacking(path, !buffered, caller);
    if (backing.readOnly) throw new Errno("EACCES");
    return backing;
  } catch (error) {
    throw error instanceof Errno ? failed(error.code, kind, path) : error;
  }
}

/** What is not there fails as a block device, too. */
function isDevice(machine: Nvmet["machine"], path: string, caller: Caller | undefined): boolean {
  try {
    return (caller ?? machine).find(path).entry.kind === "block";
  } catch (error) {
    if (error instanceof Errno) return true;
    throw error;
  }
}

function failed(code: string, kind: string, path: string): Errno {
  return new Errno(code, `failed to open ${kind} ${path}: (-${errnoNumber(code)})`);
}

/** What hosts are told: no part of a block. Bytes. */
export function sizeOf(backing: Backing): number {
  const { blockSize = 1 } = backing;
  return Math.floor(backing.size() / blockSize) * blockSize;
}
