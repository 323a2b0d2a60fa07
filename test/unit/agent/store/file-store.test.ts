import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFileStore } from "../../../../agent/store/file-store.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import { emptySpec } from "../../../../shared/protocol/spec.ts";

const node = NodeId.parse("flash01");
const spec = { ...emptySpec(node), generation: 3 };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "ff-store-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("a store in a directory", () => {
  test("begins empty, and makes its directory for nobody else", async () => {
    const store = await openFileStore(join(root, "a", "b"), node);
    expect(store.spec.get()).toEqual(emptySpec(node));
    expect(store.owned.get()).toEqual([]);
    expect((await stat(join(root, "a", "b"))).mode & 0o777).toBe(0o700);
  });

  test("keeps every cell over a restart, each in a file that only its owner can read", async () => {
    const before = await openFileStore(root, node);
    await before.spec.set(spec);
    await before.owned.set(["port 1"]);
    await before.pins.set({ a: { serial: "S", size: 5 } });
    await before.secrets.set({ "key@1": "DHHC-1:00:x:" });
    await before.journal.set([]);
    await before.sequence.set(4);
    const after = await openFileStore(root, node);
    expect(after.spec.get()).toEqual(spec);
    expect(after.owned.get()).toEqual(["port 1"]);
    expect(after.pins.get()).toEqual({ a: { serial: "S", size: 5 } });
    expect(after.secrets.get()).toEqual({ "key@1": "DHHC-1:00:x:" });
    expect(after.sequence.get()).toBe(4);
    const files = await readdir(root);
    expect(files).toEqual(["journal.json", "owned.json", "pins.json", "secrets.json", "sequence.json", "spec.json"]);
    for (const file of files) expect((await stat(join(root, file))).mode & 0o777).toBe(0o600);
  });

  test("replaces a file whole: what a power cut left beside it does not count", async () => {
    const store = await openFileStore(root, node);
    await store.spec.set(spec);
    await writeFile(join(root, "spec.json.new"), '{"v":1,"no');
    expect((await openFileStore(root, node)).spec.get()).toEqual(spec);
  });

  test("writes in order: the last of many that are set at once is what lasts", async () => {
    const store = await openFileStore(root, node);
    await Promise.all([1, 2, 3, 4, 5].map((value) => store.sequence.set(value)));
    expect(store.sequence.get()).toBe(5);
    expect(JSON.parse(await readFile(join(root, "sequence.json"), "utf8"))).toBe(5);
  });
});

describe("a store that cannot be used", () => {
  test.each([
    ["half a file", '{"v":1,'],
    ["an empty file", ""],
    ["a file of something else", '{"v":2,"node":"flash01"}'],
  ])("%s is an error, and not an empty spec", async (_, content) => {
    await writeFile(join(root, "spec.json"), content);
    await expect(openFileStore(root, node)).rejects.toMatchObject({
      code: "store_failed",
      message: `cannot understand ${root}/spec.json: it is damaged or of another version`,
      hint: expect.stringContaining("move it away to begin anew"),
    });
    expect(await readFile(join(root, "spec.json"), "utf8")).toBe(content);
  });

  test("a directory where a file should be is an error", async () => {
    await mkdir(join(root, "spec.json"));
    await expect(openFileStore(root, node)).rejects.toMatchObject({ code: "store_failed" });
  });

  test("a data directory that cannot be made is named", async () => {
    await writeFile(join(root, "file"), "");
    await expect(openFileStore(join(root, "file", "data"), node)).rejects.toMatchObject({
      code: "data_directory",
      message: expect.stringContaining(`cannot create the data directory ${root}/file/data`),
    });
  });

  test("a value that cannot be written is an error, is not kept in memory either, and the next one is tried again", async () => {
    const store = await openFileStore(root, node);
    await store.owned.set(["port 1"]);
    await mkdir(join(root, "owned.json.new"));
    await expect(store.owned.set(["port 1", "port 2"])).rejects.toMatchObject({
      code: "store_failed",
      message: expect.stringContaining(`cannot write ${root}/owned.json`),
      hint: expect.stringContaining("full"),
    });
    expect(store.owned.get()).toEqual(["port 1"]);
    await rm(join(root, "owned.json.new"), { recursive: true });
    await store.owned.set(["port 3"]);
    expect((await openFileStore(root, node)).owned.get()).toEqual(["port 3"]);
  });

  test("a file that others could read before is closed to them at the next write", async () => {
    const store = await openFileStore(root, node);
    await store.secrets.set({ a: "1" });
    await chmod(join(root, "secrets.json"), 0o644);
    await store.secrets.set({ a: "2" });
    expect((await stat(join(root, "secrets.json"))).mode & 0o777).toBe(0o600);
  });
});
