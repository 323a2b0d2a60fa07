import { execFile } from "node:child_process";
import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { connect } from "node:net";
import { release } from "node:os";
import { promisify } from "node:util";
import { toSystemError } from "../../../agent/system/linux/errno.ts";
import { linuxCommands } from "./linux-commands.ts";
import { linuxDevices } from "./linux-devices.ts";
import { findBusybox, linuxFork } from "./linux-fork.ts";
import { type Calls, type Machine, type OpenFlags, Refused } from "./machine.ts";

const run = promisify(execFile);
/** No command takes longer; milliseconds. */
const patience = 30_000;

/** The kernel that this runs on, as root. Needs kmod, util-linux and iproute2, or busybox under their names. */
export function linuxMachine(): Machine {
  const machine: Machine = {
    release: release(),
    calls: linuxCalls(),
    modprobe: async (name, parameters = {}) => {
      const pairs = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      await sh("modprobe", [name, ...pairs]);
    },
    // In the words of the recorded machines, which had no other.
    rmmod: async (modules) => (await sh(await findBusybox(), ["rmmod", ...modules])).text.trim(),
    mountConfigfs: async () => {
      await sh("mount", ["-t", "configfs", "none", "/sys/kernel/config"]);
    },
    setReadOnly: async (disk, readOnly) => {
      await sh("blockdev", [readOnly ? "--setro" : "--setrw", `/dev/${disk}`]);
    },
    sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    within: (seconds, work) => Promise.race([work, late(seconds)]),
    fork: async (where) => ({ ...machine, ...(await linuxFork(where)) }),
    mountSystem: async (at) => {
      await sh("mount", ["--bind", "/sys", at]);
      await sh("mount", ["-t", "configfs", "none", `${at}/kernel/config`]);
    },
    now: () => performance.now(),
    kernelLog: async () => (await sh("dmesg", [])).text.split("\n").filter(Boolean),
    dial: (address, port) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, address, () => resolve(socket));
        socket.once("error", (error) => reject(refused(error)));
      }),
    ...linuxCommands(sh),
    ...linuxDevices(sh),
  };
  return machine;
}

async function late(seconds: number): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
  return undefined;
}

/** How a command ended, and what it printed. */
async function sh(command: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: patience });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error) || !("stderr" in error) || !("stdout" in error)) return { code: 127, text: "" };
    const code = "code" in error && typeof error.code === "number" ? error.code : 1;
    return { code, text: `${error.stdout}${error.stderr}` };
  }
}

function linuxCalls(): Calls {
  const files = new Map<number, fs.FileHandle>();
  const file = (descriptor: number) => {
    const found = files.get(descriptor);
    if (found === undefined) throw new Refused("EBADF");
    return found;
  };
  const call =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await work(...args);
      } catch (error) {
        throw refused(error);
      }
    };
  return {
    open: call(async (path: string, flags: OpenFlags) => {
      const opened = await fs.open(path, flagsOf(flags), 0o644);
      files.set(opened.fd, opened);
      return opened.fd;
    }),
    read: call(async (descriptor: number, length: number, position?: number) => {
      const { bytesRead, buffer } = await file(descriptor).read(Buffer.alloc(length), 0, length, position ?? null);
      return buffer.subarray(0, bytesRead);
    }),
    write: call(async (descriptor: number, bytes: string, position?: number) => {
      const { bytesWritten } = await file(descriptor).write(bytes, position ?? null);
      return bytesWritten;
    }),
    close: call(async (descriptor: number) => {
      await file(descriptor).close();
      files.delete(descriptor);
    }),
    mkdir: call(async (path: string) => {
      await fs.mkdir(path);
    }),
    rmdir: call((path: string) => fs.rmdir(path)),
    unlink: call((path: string) => fs.unlink(path)),
    symlink: call((to: string, path: string) => fs.symlink(to, path)),
    rename: call((from: string, to: string) => fs.rename(from, to)),
    readlink: call((path: string) => fs.readlink(path)),
    realpath: call((path: string) => fs.realpath(path)),
    readdir: call(async (path: string) => (await fs.readdir(path)).sort()),
    lstat: call((path: string) => fs.lstat(path)),
    stat: call((path: string) => fs.stat(path)),
    truncate: call(async (path: string, size: number) => {
      const opened = await fs.open(path, constants.O_WRONLY | constants.O_CREAT, 0o644);
      await opened.truncate(size).finally(() => opened.close());
    }),
    chdir: call(async (path: string) => process.chdir(path)),
  };
}

function flagsOf({ access, create, exclusive, truncate }: OpenFlags): number {
  const accesses = { read: constants.O_RDONLY, write: constants.O_WRONLY, both: constants.O_RDWR };
  return (
    accesses[access] |
    (create ? constants.O_CREAT : 0) |
    (exclusive ? constants.O_EXCL : 0) |
    (truncate ? constants.O_TRUNC : 0)
  );
}

function refused(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  return new Refused(toSystemError(error, "call", "").errno, error);
}
