import { constants } from "node:os";
import { SystemError } from "../system.ts";

/** What Linux knows and Node's table does not (include/uapi/asm-generic/errno.h; 524 is include/linux/errno.h). */
const beyondNode: ReadonlyMap<number, string> = new Map([
  [123, "ENOMEDIUM"],
  [126, "ENOKEY"],
  [127, "EKEYEXPIRED"],
  [128, "EKEYREVOKED"],
  [129, "EKEYREJECTED"],
  [524, "ENOTSUPP"],
]);

/** Names that share a number with the one that Linux's own source uses. */
const aliases: ReadonlySet<string> = new Set(["EWOULDBLOCK", "ENOTSUP", "EDEADLOCK"]);

const byNumber: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).flatMap(([name, number]): [number, string][] =>
    aliases.has(name) ? [] : [[number, name]],
  ),
  ...beyondNode,
]);

/** The name of an errno as errno.h gives it; `UNKNOWN` for a number without one. */
export function errnoName(number: number): string {
  return byNumber.get(Math.abs(number)) ?? "UNKNOWN";
}

/**
 * Messages of strerror(3), in lower case: glibc's, then musl's where they differ. What a program prints is all that is left
 * of the errno of a write that it made.
 */
const byMessage: ReadonlyMap<string, string> = new Map([
  ["operation not permitted", "EPERM"],
  ["must be superuser to use mount", "EPERM"],
  ["no such file or directory", "ENOENT"],
  ["mount point does not exist", "ENOENT"],
  ["interrupted system call", "EINTR"],
  ["input/output error", "EIO"],
  ["i/o error", "EIO"],
  ["no such device or address", "ENXIO"],
  ["exec format error", "ENOEXEC"],
  ["resource temporarily unavailable", "EAGAIN"],
  ["cannot allocate memory", "ENOMEM"],
  ["out of memory", "ENOMEM"],
  ["permission denied", "EACCES"],
  ["bad address", "EFAULT"],
  ["device or resource busy", "EBUSY"],
  ["resource busy", "EBUSY"],
  ["file exists", "EEXIST"],
  ["no such device", "ENODEV"],
  ["not a directory", "ENOTDIR"],
  ["is a directory", "EISDIR"],
  ["invalid argument", "EINVAL"],
  ["too many open files in system", "ENFILE"],
  ["too many open files", "EMFILE"],
  ["no file descriptors available", "EMFILE"],
  ["file too large", "EFBIG"],
  ["no space left on device", "ENOSPC"],
  ["read-only file system", "EROFS"],
  ["numerical result out of range", "ERANGE"],
  ["result not representable", "ERANGE"],
  ["file name too long", "ENAMETOOLONG"],
  ["filename too long", "ENAMETOOLONG"],
  ["function not implemented", "ENOSYS"],
  ["directory not empty", "ENOTEMPTY"],
  ["protocol error", "EPROTO"],
  ["protocol not supported", "EPROTONOSUPPORT"],
  ["operation not supported", "EOPNOTSUPP"],
  ["not supported", "EOPNOTSUPP"],
  ["address family not supported by protocol", "EAFNOSUPPORT"],
  ["address already in use", "EADDRINUSE"],
  ["address in use", "EADDRINUSE"],
  ["cannot assign requested address", "EADDRNOTAVAIL"],
  ["address not available", "EADDRNOTAVAIL"],
  ["network is down", "ENETDOWN"],
  ["network is unreachable", "ENETUNREACH"],
  ["network unreachable", "ENETUNREACH"],
  ["network dropped connection on reset", "ENETRESET"],
  ["connection reset by network", "ENETRESET"],
  ["software caused connection abort", "ECONNABORTED"],
  ["connection aborted", "ECONNABORTED"],
  ["connection reset by peer", "ECONNRESET"],
  ["no buffer space available", "ENOBUFS"],
  ["transport endpoint is not connected", "ENOTCONN"],
  ["socket not connected", "ENOTCONN"],
  ["connection timed out", "ETIMEDOUT"],
  ["operation timed out", "ETIMEDOUT"],
  ["connection refused", "ECONNREFUSED"],
  ["host is down", "EHOSTDOWN"],
  ["no route to host", "EHOSTUNREACH"],
  ["host is unreachable", "EHOSTUNREACH"],
  ["operation already in progress", "EALREADY"],
  ["required key not available", "ENOKEY"],
  ["key has expired", "EKEYEXPIRED"],
  ["key has been revoked", "EKEYREVOKED"],
  ["key was rejected by service", "EKEYREJECTED"],
  // init_module(2) answers ENOENT for it, which would read as a module that does not exist.
  ["unknown symbol in module, or unknown parameter", "EINVAL"],
]);

/**
 * The errno in what a program printed: `cat: write error: Device or resource busy`, of glibc, musl or busybox,
 * `Unknown error 524`, or `(os error 16)` of programs written in Rust. Undefined where it says none.
 */
export function errnoInText(text: string): string | undefined {
  const number = /(?:unknown error:? |os error )(\d+)/i.exec(text)?.[1];
  if (number !== undefined) return errnoName(Number(number));
  for (const line of text.toLowerCase().split("\n").toReversed()) {
    // The message stands last, after a colon; kmod and mount add a remark in brackets or a full stop.
    const parts = line
      .replace(/(\s*\([^)]*\))?\.?\s*$/, "")
      .split(/:\s+/)
      .toReversed();
    for (const part of parts) {
      const errno = byMessage.get(part.trim());
      if (errno !== undefined) return errno;
    }
  }
  return undefined;
}

/** Any error of Node's as the kernel's errno. `doing` is a verb: "read", "write". */
export function toSystemError(error: unknown, doing: string, path: string): SystemError {
  if (error instanceof SystemError) return error;
  if (error instanceof Error) {
    if ("errno" in error && typeof error.errno === "number")
      return new SystemError(errnoName(error.errno), path, doing, { cause: error });
    if ("code" in error && typeof error.code === "string")
      return new SystemError(error.code, path, doing, { cause: error });
    return new SystemError("UNKNOWN", path, doing, { cause: error, detail: error.message });
  }
  return new SystemError("UNKNOWN", path, doing, { cause: error });
}
