import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLinuxSystem } from "../../../../../agent/system/linux/linux-system.ts";
import type { Op } from "../../../../../agent/system/system.ts";
import { deadlineIn, systemClock } from "../../../../../shared/clock.ts";
import { Secret } from "../../../../../shared/secret.ts";

const system = createLinuxSystem({ clock: systemClock });
const run = (op: Op) => system.do(op, deadlineIn(systemClock, 5000));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flashfleet-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("reading", () => {
  test("a text longer than one read comes whole", async () => {
    const text = "0123456789abcdef\n".repeat(5000);
    await writeFile(join(folder, "long"), text);
    expect(await system.read(join(folder, "long"))).toBe(text);
  });

  test("files of the kernel, whose size is not told", async () => {
    expect(await system.read("/proc/self/mountinfo")).toMatch(/ - proc /);
    expect(await system.read("/sys/class/net/lo/mtu")).toMatch(/^\d+\n$/);
  });

  test("names come sorted", async () => {
    for (const name of ["b", "a", "B"]) await writeFile(join(folder, name), "");
    expect(await system.list(folder)).toEqual(["B", "a", "b"]);
  });

  test("links are shown as they are, and resolved on request", async () => {
    await writeFile(join(folder, "file"), "1234");
    await symlink("file", join(folder, "link"));
    expect(await system.readlink(join(folder, "link"))).toBe("file");
    expect(await system.realpath(join(folder, "link"))).toBe(join(folder, "file"));
    expect(await system.stat(join(folder, "link"))).toMatchObject({ kind: "link", size: 0 });
    expect(await system.stat(join(folder, "file"))).toMatchObject({ kind: "file", size: 4 });
    expect(await system.stat("/dev/null")).toMatchObject({ kind: "char", size: 0, mode: 0o666, uid: 0, gid: 0 });
  });

  test.each(["read", "list", "readlink", "realpath", "stat", "openExclusive"] as const)(
    "%s of nothing is ENOENT, with the path",
    async (method) => {
      const path = join(folder, "nothing");
      await expect(system[method](path)).rejects.toMatchObject({ name: "SystemError", errno: "ENOENT", path });
    },
  );
});

describe("writing an attribute", () => {
  test("the value as it is, without a newline, over what is there", async () => {
    await writeFile(join(folder, "attribute"), "old");
    await run({ op: "write", path: join(folder, "attribute"), value: "new" });
    expect(await readFile(join(folder, "attribute"), "utf8")).toBe("new");
  });

  test("a secret", async () => {
    await writeFile(join(folder, "key"), "");
    await run({ op: "write", path: join(folder, "key"), value: new Secret("DHHC-1") });
    expect(await readFile(join(folder, "key"), "utf8")).toBe("DHHC-1");
  });

  test("one that is missing is ENOENT and is not made", async () => {
    await expect(run({ op: "write", path: join(folder, "none"), value: "1" })).rejects.toMatchObject({
      errno: "ENOENT",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("an empty value, which the kernel would never see, is refused", async () => {
    await writeFile(join(folder, "attribute"), "old");
    await expect(run({ op: "write", path: join(folder, "attribute"), value: "" })).rejects.toMatchObject({
      errno: "EINVAL",
    });
  });

  test("the errno of the write", async () => {
    await expect(run({ op: "write", path: "/dev/full", value: "1" })).rejects.toMatchObject({
      errno: "ENOSPC",
      path: "/dev/full",
    });
  });
});

describe("replacing a file", () => {
  test("content and mode, whatever the umask, and nothing beside it", async () => {
    const path = join(folder, "hostnqn");
    await writeFile(path, "old and longer\n");
    await run({ op: "replace", path, content: "new\n", mode: 0o666 });
    expect(await readFile(path, "utf8")).toBe("new\n");
    expect((await stat(path)).mode & 0o777).toBe(0o666);
    expect(await readdir(folder)).toEqual(["hostnqn"]);
  });

  test("what cannot be replaced stays, with nothing left behind", async () => {
    await run({ op: "mkdir", path: join(folder, "taken") });
    await expect(run({ op: "replace", path: join(folder, "taken"), content: "x", mode: 0o600 })).rejects.toMatchObject({
      errno: "EISDIR",
    });
    expect(await readdir(folder)).toEqual(["taken"]);
  });
});

test("folders and links are made and removed, each refusal with its errno", async () => {
  const directory = join(folder, "a");
  const link = join(folder, "b");
  await run({ op: "mkdir", path: directory });
  await expect(run({ op: "mkdir", path: directory })).rejects.toMatchObject({ errno: "EEXIST" });
  await run({ op: "symlink", path: link, to: directory });
  await run({ op: "mkdir", path: join(directory, "child") });
  await expect(run({ op: "rmdir", path: directory })).rejects.toMatchObject({ errno: "ENOTEMPTY" });
  await run({ op: "unlink", path: link });
  await expect(run({ op: "unlink", path: link })).rejects.toMatchObject({ errno: "ENOENT" });
  await run({ op: "rmdir", path: join(directory, "child") });
  await run({ op: "rmdir", path: directory });
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(existsSync("/dev/nvme-fabrics"))("connecting where there is no /dev/nvme-fabrics is ENOENT", async () => {
  const connecting = run({ op: "connect", options: { transport: "tcp" } });
  await expect(connecting).rejects.toMatchObject({ errno: "ENOENT", path: "/dev/nvme-fabrics" });
});
