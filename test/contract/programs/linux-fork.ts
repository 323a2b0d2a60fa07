import { type ChildProcess, execFile, spawn } from "node:child_process";
import { access, constants, copyFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type Calls, type ChildPlace, Killed, type OpenFlags, Refused } from "./machine.ts";

const run = promisify(execFile);
/** No call takes longer; milliseconds. */
const patience = 30_000;
/** Exit code of a shell whose command was ended by SIGKILL. */
const killed = 137;

/** As busybox says them. */
const errnos: Readonly<Record<string, string>> = {
  "Address already in use": "EADDRINUSE",
  "Cannot assign requested address": "EADDRNOTAVAIL",
  "Device or resource busy": "EBUSY",
  "Directory not empty": "ENOTEMPTY",
  "File exists": "EEXIST",
  "Invalid argument": "EINVAL",
  "Is a directory": "EISDIR",
  "No such file or directory": "ENOENT",
  "Not a directory": "ENOTDIR",
  "Operation not permitted": "EPERM",
  "Permission denied": "EACCES",
};

/**
 * The calls of a process of its own, in another network namespace or below another root: each by a busybox there, as nothing
 * else can be at both places. Only what forked programs need.
 */
export async function linuxFork({ network, root }: ChildPlace): Promise<{ calls: Calls; exit(): Promise<void> }> {
  const busybox = await findBusybox();
  const holder = network === "own" ? await newNetwork(busybox) : undefined;
  if (root !== undefined) await copyFile(busybox, `${root}/busybox`);
  const place = [
    ...(holder === undefined ? [] : [busybox, "nsenter", "-t", String(holder.pid), "-n"]),
    ...(root === undefined ? [busybox] : [busybox, "chroot", root, "/busybox"]),
  ];
  return {
    calls: callsAt((script, ...args) => sh([...place, "sh", "-c", script, "sh", ...args])),
    exit: async () => {
      holder?.kill("SIGKILL");
    },
  };
}

/** Its path. Rejects where there is none. */
export async function findBusybox(): Promise<string> {
  for (const path of ["/run/busybox", "/bin/busybox", "/usr/bin/busybox"]) {
    if (await access(path, constants.X_OK).then(yes, no)) return path;
  }
  throw new Error("this program needs busybox");
}

const yes = () => true;
const no = () => false;

/** A process that keeps a network namespace, once its loopback is up. */
async function newNetwork(busybox: string): Promise<ChildProcess> {
  const script = `${busybox} ip link set lo up; echo up; exec ${busybox} sleep 600`;
  const holder = spawn(busybox, ["unshare", "-n", busybox, "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    holder.stdout.once("data", resolve);
    holder.once("error", reject);
    holder.once("exit", () => reject(new Error("there is no network namespace")));
  });
  return holder;
}

async function sh([command = "", ...args]: readonly string[]): Promise<string> {
  try {
    return (await run(command, args, { timeout: patience, encoding: "latin1" })).stdout;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !("stderr" in error)) throw error;
    if (error.code === killed) throw new Killed("the kernel crashed");
    const reason = String(error.stderr).trim().split(": ").at(-1) ?? "";
    const errno = errnos[reason];
    if (errno === undefined) throw error;
    throw new Refused(errno, error);
  }
}

type Script = (script: string, ...args: readonly string[]) => Promise<string>;

function callsAt(script: Script): Calls {
  const files = new Map<number, string>();
  const path = (descriptor: number) => files.get(descriptor) ?? "";
  const unknown = () => Promise.reject(new Error("no forked program does this"));
  return {
    open: async (at: string, { create }: OpenFlags) => {
      if (create !== true) await script('ls -d "$1" > /dev/null', at);
      files.set(files.size + 3, at);
      return files.size + 2;
    },
    read: async (descriptor, length) =>
      Buffer.from(await script('cat "$1"', path(descriptor)), "latin1").subarray(0, length),
    // One write(2), as the shell's own printf may not do it.
    write: async (descriptor, bytes) => {
      await script('printf %s "$2" | dd of="$1" bs=65536 conv=notrunc', path(descriptor), bytes);
      return Buffer.byteLength(bytes);
    },
    close: async () => {},
    mkdir: async (at) => void (await script('mkdir "$1"', at)),
    rmdir: async (at) => void (await script('rmdir "$1"', at)),
    unlink: async (at) => void (await script('unlink "$1"', at)),
    symlink: async (to, at) => void (await script('ln -s "$1" "$2"', to, at)),
    rename: unknown,
    readlink: unknown,
    realpath: unknown,
    readdir: unknown,
    lstat: unknown,
    stat: unknown,
    truncate: unknown,
    chdir: unknown,
  };
}
