import { describe, expect, test } from "vitest";
import { errnoInText, errnoName, toSystemError } from "../../../../../agent/system/linux/errno.ts";
import { isMountedAlready, modprobeErrno } from "../../../../../agent/system/linux/programs.ts";

describe("the errno in what a program prints", () => {
  test.each([
    ["glibc", "cat: write error: Device or resource busy\n", "EBUSY"],
    ["musl", "cat: write error: Resource busy\n", "EBUSY"],
    ["glibc, an I/O error", "cat: write error: Input/output error", "EIO"],
    ["musl, an I/O error", "cat: write error: I/O error", "EIO"],
    ["a number without a name in glibc", "cat: write error: Unknown error 524", "ENOTSUPP"],
    ["a program in Rust", "cat: Device or resource busy (os error 16)", "EBUSY"],
    ["a refused key", "cat: write error: Key was rejected by service", "EKEYREJECTED"],
    ["a missing key", "cat: write error: Required key not available", "ENOKEY"],
    ["a path that exists already", "cat: write error: Operation already in progress", "EALREADY"],
    ["an address that is not here", "cat: write error: Cannot assign requested address", "EADDRNOTAVAIL"],
    ["musl, the same", "cat: write error: Address not available", "EADDRNOTAVAIL"],
    [
      "a host address of the other family",
      "cat: write error: Address family not supported by protocol",
      "EAFNOSUPPORT",
    ],
    ["a reset that did not come back", "cat: write error: Network dropped connection on reset", "ENETRESET"],
    ["rmdir, coreutils", "rmdir: failed to remove '/a: b/c': Directory not empty\n", "ENOTEMPTY"],
    ["rmdir, busybox", "rmdir: '/a/c': Device or resource busy\n", "EBUSY"],
    ["a warning before the error", "warning: old kernel\ncat: write error: Connection refused\n", "ECONNREFUSED"],
    ["mount, with a full stop", "mount: /sys/kernel/config: mount point does not exist.\n", "ENOENT"],
    ["mount, of an ordinary user", "mount: /sys/kernel/config: must be superuser to use mount.\n", "EPERM"],
  ])("%s", (_case, text, errno) => {
    expect(errnoInText(text)).toBe(errno);
  });

  test.each([
    ["nothing", ""],
    ["something else", "cat: what a day"],
  ])("%s has none", (_case, text) => {
    expect(errnoInText(text)).toBeUndefined();
  });
});

describe("what modprobe prints", () => {
  test.each([
    [
      "kmod, missing",
      "modprobe: FATAL: Module nvmet-rdma not found in directory /lib/modules/6.1.0-13-amd64\n",
      "ENOENT",
    ],
    ["busybox, missing", "modprobe: module foo not found in modules.dep\n", "ENOENT"],
    ["a wrong parameter value", "modprobe: ERROR: could not insert 'brd': Invalid argument\n", "EINVAL"],
    [
      "an unknown symbol, which init_module calls ENOENT",
      "modprobe: ERROR: could not insert 'x': Unknown symbol in module, or unknown parameter (see dmesg)\n",
      "EINVAL",
    ],
    [
      "a module without a signature",
      "modprobe: ERROR: could not insert 'x': Key was rejected by service\n",
      "EKEYREJECTED",
    ],
    ["no privileges", "modprobe: ERROR: could not insert 'x': Operation not permitted\n", "EPERM"],
    ["in use", "modprobe: FATAL: Module nvmet is in use.\n", "EBUSY"],
    ["built in", "modprobe: FATAL: Module configfs is builtin.\n", "EPERM"],
  ])("%s", (_case, text, errno) => {
    expect(modprobeErrno(text)).toBe(errno);
  });
});

test.each([
  ["util-linux now", "mount: /sys/kernel/config: none already mounted on /sys/kernel/config.\n", true],
  ["util-linux once", "mount: none is already mounted or /sys/kernel/config busy\n", true],
  ["busybox", "mount: mounting none on /sys/kernel/config failed: Device or resource busy\n", true],
  ["a real failure", "mount: /sys/kernel/config: permission denied.\n", false],
])("configfs that is mounted already: %s", (_case, text, mounted) => {
  expect(isMountedAlready(text)).toBe(mounted);
});

describe("errors of Node", () => {
  test("numbers that Node has no name for", () => {
    expect([16, -524, 126, 129, 11, 95, 9999].map(errnoName)).toEqual([
      "EBUSY",
      "ENOTSUPP",
      "ENOKEY",
      "EKEYREJECTED",
      "EAGAIN",
      "EOPNOTSUPP",
      "UNKNOWN",
    ]);
  });

  test("the number counts, not Node's spelling", () => {
    const error = Object.assign(new Error("Unknown system error -129"), {
      errno: -129,
      code: "Unknown system error -129",
    });
    expect(toSystemError(error, "write", "/x")).toMatchObject({
      errno: "EKEYREJECTED",
      path: "/x",
      message: "write /x: EKEYREJECTED",
    });
  });
});
