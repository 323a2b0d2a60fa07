import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRunChild } from "../../../../../agent/system/linux/child.ts";
import { createLimit } from "../../../../../agent/system/linux/limits.ts";
import { removeDirectory } from "../../../../../agent/system/linux/programs.ts";
import { systemPath, untranslated } from "../../../../../agent/system/linux/tools.ts";
import { connectInChild, writeInChild } from "../../../../../agent/system/linux/write-in-child.ts";
import { SystemError } from "../../../../../agent/system/system.ts";
import { deadlineIn, systemClock } from "../../../../../shared/clock.ts";

const environment = untranslated({ PATH: systemPath });
const runChild = createRunChild(systemClock, environment);
const means = { limit: createLimit(systemClock), runChild };
const soon = () => deadlineIn(systemClock, 5000);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashfleet-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A pipe that is full and that nobody reads: a write to it hangs as one to a hanging device does. */
async function fullPipe(): Promise<{ path: string; close: () => Promise<void> }> {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  const both = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const block = Buffer.alloc(4096);
  for (;;) {
    const full = await both.write(block).then(
      () => false,
      () => true,
    );
    if (full) return { path, close: () => both.close() };
  }
}

describe("a write in a child", () => {
  test("brings the value to the file, without a newline", async () => {
    const path = join(folder, "enable");
    await writeFile(path, "");
    await writeInChild(means, path, "1", soon());
    expect(await readFile(path, "utf8")).toBe("1");
  });

  test("to a missing attribute is ENOENT", async () => {
    await expect(writeInChild(means, join(folder, "enable"), "1", soon())).rejects.toMatchObject({ errno: "ENOENT" });
  });

  test("gives the errno that cat met, and cat's words", async () => {
    const error = await writeInChild(means, "/dev/full", "1", soon()).catch((each: unknown) => each);
    expect(error).toMatchObject({ errno: "ENOSPC", path: "/dev/full" });
    expect(String(error)).toContain("No space left on device");
  });

  test("that hangs is ended at its deadline", async () => {
    const pipe = await fullPipe();
    const failed = writeInChild(means, pipe.path, "1", deadlineIn(systemClock, 100));
    const error = await failed.catch((each: unknown) => each);
    expect(error).toMatchObject({ errno: "ETIMEDOUT", path: pipe.path });
    expect(String(error)).toContain("killed at its deadline");
    await pipe.close();
  });

  test("never shows its value on a command line", async () => {
    const pipe = await fullPipe();
    const writing = writeInChild(means, pipe.path, "DHHC-1:00:hidden:", deadlineIn(systemClock, 300)).catch(
      (error: unknown) => error,
    );
    const cat = await childNamed("cat");
    expect(cat).toBe("cat\0");
    const error = await writing;
    expect(String(error)).not.toContain("hidden");
    await pipe.close();
  });
});

/** The command line of a child of this process, as soon as it runs. */
async function childNamed(name: string): Promise<string> {
  for (;;) {
    const pids = (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")).trim().split(" ");
    for (const pid of pids) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (line.split("\0")[0] === name) return line;
    }
  }
}

describe("connecting", () => {
  test("a device that gives no answer is not taken for success", async () => {
    await expect(connectInChild(means, "/dev/null", "transport=tcp", soon())).rejects.toMatchObject({ errno: "EIO" });
  });

  test("the answer is read from the same open file", async () => {
    const path = join(folder, "fabrics");
    const options = "transport=tcp,nqn=nqn.a,";
    // The write moves the position of the open file to where the answer stands.
    await writeFile(path, `${"x".repeat(options.length)}instance=7,cntlid=3\n`);
    expect(await connectInChild(means, path, options, soon())).toBe("nvme7");
  });
});

describe("children", () => {
  test("rmdir of a folder with something in it", async () => {
    await mkdir(join(folder, "a/b"), { recursive: true });
    await expect(removeDirectory(runChild, join(folder, "a"), soon())).rejects.toMatchObject({ errno: "ENOTEMPTY" });
    await removeDirectory(runChild, join(folder, "a/b"), soon());
    await removeDirectory(runChild, join(folder, "a"), soon());
  });

  test("a program that is missing is not taken for a path that is missing", async () => {
    const job = { argv: ["no-such-program"], doing: "write", path: "/x", deadline: soon() } as const;
    await expect(runChild(job)).rejects.toMatchObject({ errno: "ENOSYS", path: "/x" });
  });

  test("one that cannot be ended in time is left behind, with its number", async () => {
    // Its own child holds the pipes open after it was killed, as a process in D state would.
    const job = {
      argv: ["sh", "-c", "sleep 2 & wait"],
      doing: "rmdir",
      path: "/x",
      deadline: deadlineIn(systemClock, 50),
    } as const;
    const error = await runChild(job).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(SystemError);
    expect(String(error)).toMatch(/ETIMEDOUT \(process \d+ hangs in the kernel and was left behind\)/);
  });
});

describe("calls that hang in a thread", () => {
  const never = () => new Promise<void>(() => undefined);
  const late = () => deadlineIn(systemClock, 5);

  test("no second call is begun on a path where one hangs", async () => {
    const limit = createLimit(systemClock);
    await expect(limit("read", "/a", late(), never)).rejects.toMatchObject({ errno: "ETIMEDOUT" });
    await expect(limit("read", "/a", soon(), async () => 1)).rejects.toThrow("an earlier call still hangs");
    expect(await limit("read", "/b", soon(), async () => 2)).toBe(2);
  });

  test("one thread always stays free", async () => {
    const limit = createLimit(systemClock);
    for (const path of ["/a", "/b", "/c"]) await limit("read", path, late(), never).catch(() => undefined);
    await expect(limit("read", "/d", soon(), async () => 1)).rejects.toThrow("calls hang in the kernel: /a, /b, /c");
  });

  test("a call is in time that was answered while this process stood still", async () => {
    const limit = createLimit(systemClock);
    const reading = limit("read", "/a", late(), () => readdir("/"));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    expect(await reading).toContain("proc");
  });

  test("a call that comes back after all frees its path", async () => {
    const limit = createLimit(systemClock);
    let release = () => {};
    const slow = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    await limit("read", "/a", late(), slow).catch(() => undefined);
    release();
    await new Promise(setImmediate);
    expect(await limit("read", "/a", soon(), async () => 1)).toBe(1);
  });
});
