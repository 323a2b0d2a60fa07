import { beforeEach, describe, expect, it } from "vitest";
import { Errno, KernelCrash } from "../../../../../agent/system/model/errno.ts";
import type { ModelSystem } from "../../../../../agent/system/model/model-system.ts";
import type { Process } from "../../../../../agent/system/model/process.ts";
import { nvmetRoot, targetNode } from "./lab.ts";

const mebibyte = 2 ** 20;
const namespace = `${nvmetRoot}/subsystems/s/namespaces/1`;

async function errno(work: () => unknown): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
}

async function write(process: Process, path: string, text: string): Promise<string> {
  const file = process.open(path, { access: "write" });
  try {
    return await errno(() => process.write(file, text));
  } finally {
    process.close(file);
  }
}

async function read(process: Process, path: string): Promise<string> {
  const file = process.open(path, { access: "read" });
  const text = await readFile(process, file, 4096);
  process.close(file);
  return text;
}

async function readFile(process: Process, file: number, length: number, position?: number): Promise<string> {
  return Buffer.from(await process.read(file, length, position)).toString();
}

let system: ModelSystem;
let process: Process;

beforeEach(async () => {
  system = await targetNode();
  process = system.startProcess();
});

describe("paths", () => {
  it("count from the working directory, which a child begins in", () => {
    process.mkdir("/tmp/d");
    process.chdir("/tmp");
    process.truncate("d/f", 3);
    const child = process.fork();
    child.chdir("d");
    expect(child.realpath("f")).toBe("/tmp/d/f");
    expect(process.realpath(".")).toBe("/tmp");
    expect(child.readdir("..")).toEqual(["d"]);
  });

  it("begin at another root after chroot, above which nothing leads", async () => {
    process.mkdir("/tmp/jail");
    process.truncate("/tmp/jail/f", 5);
    const jailed = process.fork();
    jailed.chroot("/tmp/jail");
    expect(jailed.stat("/f").size).toBe(5);
    expect(jailed.stat("/../../f").size).toBe(5);
    expect(await errno(() => jailed.stat("/tmp/jail/f"))).toBe("ENOENT");
    jailed.chdir("/");
    expect(jailed.stat("f").size).toBe(5);
    expect(jailed.find("f").path).toBe("/tmp/jail/f");
    jailed.mkdir("/inner");
    jailed.chroot("inner");
    expect(jailed.readdir("/")).toEqual([]);
    expect(await errno(() => process.stat("/f"))).toBe("ENOENT");
  });

  it("of a working directory outside of the root lead out of it", () => {
    process.mkdir("/tmp/jail");
    process.truncate("/tmp/f", 1);
    process.chdir("/tmp");
    process.chroot("/tmp/jail");
    expect(process.stat("f").size).toBe(1);
    expect(process.readdir("/")).toEqual([]);
  });
});

describe("device_path", () => {
  beforeEach(() => {
    process.mkdir(`${nvmetRoot}/subsystems/s`);
    process.mkdir(namespace);
  });

  it("counts from the root and the working directory of the process that enables", async () => {
    process.mkdir("/tmp/jail");
    process.truncate("/tmp/jail/f", mebibyte);
    process.chdir("/tmp/jail");
    expect(await write(process, `${namespace}/device_path`, "f")).toBe("ok");
    expect(await write(system.startProcess(), `${namespace}/enable`, "1")).toBe("ENOENT");
    expect(await write(process, `${namespace}/enable`, "1")).toBe("ok");
  });

  it("is the file that was opened, deleted or not", async () => {
    process.truncate("/tmp/f", mebibyte);
    await write(process, `${namespace}/device_path`, "/tmp/f");
    await write(process, `${namespace}/enable`, "1");
    await process.unlink("/tmp/f");
    expect(await write(process, `${namespace}/revalidate_size`, "1")).toBe("ok");
    expect(await read(process, `${namespace}/enable`)).toBe("1\n");
  });

  it("that is not set crashes the kernel where it looks for no block device first", async () => {
    await write(process, `${namespace}/buffered_io`, "1");
    await expect(write(process, `${namespace}/enable`, "1")).rejects.toThrow(KernelCrash);
  });
});

describe("a network namespace of its own", () => {
  it("has the listeners of ports that are enabled from there", async () => {
    const child = process.fork();
    child.unshareNetwork();
    process.mkdir(`${nvmetRoot}/subsystems/s`);
    process.mkdir(`${nvmetRoot}/ports/1`);
    for (const [name, value] of [
      ["trtype", "tcp"],
      ["adrfam", "ipv4"],
      ["traddr", "127.0.0.1"],
      ["trsvcid", "7777"],
    ]) {
      expect(await write(process, `${nvmetRoot}/ports/1/addr_${name}`, value ?? "")).toBe("ok");
    }
    await child.symlink(`${nvmetRoot}/subsystems/s`, `${nvmetRoot}/ports/1/subsystems/s`);
    expect(await read(child, "/proc/net/tcp")).toContain("0100007F:1E61");
    expect(await read(process, "/proc/net/tcp")).not.toContain(":1E61");
    await process.unlink(`${nvmetRoot}/ports/1/subsystems/s`);
    expect(await read(child, "/proc/net/tcp")).not.toContain(":1E61");
  });
});

describe("an open file", () => {
  const attribute = `${nvmetRoot}/subsystems/s/attr_allow_any_host`;

  beforeEach(() => process.mkdir(`${nvmetRoot}/subsystems/s`));

  it("shows what it showed, until something is written through it", async () => {
    const file = process.open(attribute, { access: "both" });
    expect(await readFile(process, file, 16, 0)).toBe("0\n");
    await write(process, attribute, "1");
    expect(await readFile(process, file, 16, 0)).toBe("0\n");
    await process.write(file, "1\n", 0);
    expect(await readFile(process, file, 16, 0)).toBe("1\n");
  });

  it("of a directory that is gone has nothing in it", async () => {
    const file = process.open(attribute, { access: "both" });
    await process.rmdir(`${nvmetRoot}/subsystems/s`);
    expect(await errno(() => process.read(file, 16))).toBe("ENOENT");
    expect(await errno(() => process.write(file, "1"))).toBe("ENOENT");
  });

  it("moves on with what is read and written, but not with pread and pwrite", async () => {
    process.truncate("/tmp/f", 0);
    const file = process.open("/etc/hostname", { access: "read" });
    expect(await readFile(process, file, 3)).toBe("tar");
    expect(await readFile(process, file, 3, 0)).toBe("tar");
    expect(await readFile(process, file, 16)).toBe("get\n");
    expect(await errno(() => process.close(99))).toBe("EBADF");
  });
});
