import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import { namedFiles } from "../../../../agent/actions/files/named.ts";
import { createLinuxSystem } from "../../../../agent/system/linux/linux-system.ts";
import { Trial } from "../../../../agent/system/model/snapshot/trial.ts";
import type { Op, System } from "../../../../agent/system/system.ts";
import { systemClock as clock, deadlineIn } from "../../../../shared/clock.ts";
import { isJsonRecord, type JsonRecord } from "../../../../shared/protocol/json.ts";
import { modelNode } from "../../../support/agent-node.ts";

/** Linux is tried where the tests may give files away. */
const systems = ["model", ...(process.getuid?.() === 0 ? ["linux"] : [])];

let folder: string;
let system: System;
const at = (name: string) => `${folder}/${name}`;
const soon = () => deadlineIn(clock, 20_000);
const run = (op: Op) => system.do(op, soon());

async function act(name: string, args: JsonRecord, on: System = system) {
  const job = { progress: () => {}, effect: async () => {} };
  const answer = await runAction(name, args, { system: on, clock, deadline: soon(), check: false, job });
  return { outcome: answer.outcome, result: isJsonRecord(answer.result) ? answer.result : {} };
}

/** Twice: the second time changes nothing. */
async function settle(name: string, args: JsonRecord) {
  const first = await act(name, args);
  const second = await act(name, args);
  expect(second.outcome).toBe("ok");
  return first;
}

async function write(name: string, content: string, mode = 0o644): Promise<string> {
  await run({ op: "replace", path: at(name), content, mode });
  return at(name);
}

describe.each(systems)("on %s", (which) => {
  beforeEach(async () => {
    folder = which === "linux" ? await mkdtemp(join(tmpdir(), "ff-files-")) : "/srv/files";
    system = which === "linux" ? createLinuxSystem({ clock }) : modelNode({ files: { "/srv/files/.here": "" } });
  });
  afterEach(async () => {
    if (which === "linux") await rm(folder, { recursive: true });
  });

  describe("the system", () => {
    test("tells and changes permissions and owners", async () => {
      const path = await write("f", "x", 0o600);
      expect(await system.stat(path)).toEqual({ kind: "file", size: 1, mode: 0o600, uid: 0, gid: 0 });
      await run({ op: "chmod", path, mode: 0o6755 });
      expect(await system.stat(path)).toMatchObject({ mode: 0o6755 });
      await run({ op: "chown", path, owner: { uid: 12, gid: 34 } });
      expect(await system.stat(path)).toMatchObject({ mode: 0o755, uid: 12, gid: 34 });
    });

    test("replaces a file with an owner and all bits of its mode", async () => {
      await run({ op: "replace", path: at("f"), content: "x", mode: 0o4750, owner: { uid: 5, gid: 6 } });
      expect(await system.stat(at("f"))).toMatchObject({ mode: 0o4750, uid: 5, gid: 6 });
    });

    test("chmod follows a link, chown does not", async () => {
      const path = await write("f", "x");
      await run({ op: "symlink", path: at("l"), to: "f" });
      await run({ op: "chmod", path: at("l"), mode: 0o600 });
      await run({ op: "chown", path: at("l"), owner: { uid: 7, gid: 8 } });
      expect(await system.stat(path)).toMatchObject({ mode: 0o600, uid: 0 });
      expect(await system.stat(at("l"))).toMatchObject({ kind: "link", uid: 7, gid: 8 });
    });

    test.each(["chmod", "chown", "rename"] as const)("%s of nothing is ENOENT", async (op) => {
      const path = at("none");
      const ops = {
        chmod: { op: "chmod", path, mode: 0o600 },
        chown: { op: "chown", path, owner: { uid: 1, gid: 1 } },
        rename: { op: "rename", path, to: at("other") },
      } as const;
      await expect(run(ops[op])).rejects.toMatchObject({ errno: "ENOENT" });
    });

    test("renames over a file, and never a file over a directory", async () => {
      await write("a", "1");
      await write("b", "2");
      await run({ op: "mkdir", path: at("d") });
      await expect(run({ op: "rename", path: at("a"), to: at("d") })).rejects.toMatchObject({ errno: "EISDIR" });
      await run({ op: "rename", path: at("a"), to: at("b") });
      expect(await system.read(at("b"))).toBe("1");
      expect(await system.list(folder)).toEqual(expect.not.arrayContaining(["a"]));
    });

    test("touches what is there and makes what is not", async () => {
      await write("a", "1");
      await run({ op: "touch", path: at("a") });
      await run({ op: "touch", path: at("b") });
      expect([await system.read(at("a")), await system.read(at("b"))]).toEqual(["1", ""]);
    });
  });

  describe("copy", () => {
    test("makes a file with its content, and says what it was and is", async () => {
      const { outcome, result } = await settle("copy", { dest: at("f"), content: "one\n" });
      expect(outcome).toBe("changed");
      expect(result).toMatchObject({ dest: at("f"), state: "file", mode: "0644", uid: 0, gid: 0, size: 4 });
      expect(result.diff).toMatchObject({ before: "", after: "one\n", after_header: `${at("f")} (content)` });
      expect(await system.read(at("f"))).toBe("one\n");
    });

    test("keeps permissions and owners that it is not told", async () => {
      await write("f", "old", 0o640);
      await run({ op: "chown", path: at("f"), owner: { uid: 3, gid: 4 } });
      expect(await settle("copy", { dest: at("f"), content: "new" })).toMatchObject({ outcome: "changed" });
      expect(await system.stat(at("f"))).toMatchObject({ mode: 0o640, uid: 3, gid: 4 });
    });

    test("gives permissions and owners, by name or number", async () => {
      const access = { mode: "u=rw,g=r,o=", owner: "root", group: "65534" };
      await settle("copy", { dest: at("f"), content: "x", ...access });
      expect(await system.stat(at("f"))).toMatchObject({ mode: 0o640, uid: 0, gid: 65534 });
    });

    test("changes permissions alone where the content is right", async () => {
      await write("f", "x");
      const { outcome, result } = await settle("copy", { dest: at("f"), content: "x", mode: "0600" });
      expect(outcome).toBe("changed");
      expect(result.diff).toMatchObject({ before: { mode: "0644" }, after: { mode: "0600" } });
    });

    test("an owner of whom the node does not know is refused, and nothing is written", async () => {
      await expect(act("copy", { dest: at("f"), content: "x", owner: "nosuchuser" })).rejects.toMatchObject({
        code: "not_found",
      });
      await expect(system.stat(at("f"))).rejects.toMatchObject({ errno: "ENOENT" });
    });

    test("keeps a backup of what it replaces", async () => {
      await write("f", "old", 0o600);
      const { result } = await settle("copy", { dest: at("f"), content: "new", backup: true });
      const kept = String(result.backup_file);
      expect([await system.read(kept), (await system.stat(kept)).mode]).toEqual(["old", 0o600]);
    });

    test("without force leaves what is there", async () => {
      await write("f", "old");
      expect(await act("copy", { dest: at("f"), content: "new", force: false })).toMatchObject({ outcome: "ok" });
      expect(await system.read(at("f"))).toBe("old");
    });

    test("goes into a directory under the name of its source; a directory with / is made", async () => {
      await run({ op: "mkdir", path: at("d") });
      await settle("copy", { dest: at("d"), src: "files/motd", content: "x" });
      await settle("copy", { dest: `${at("new/deep")}/`, src: "motd", content: "y" });
      expect([await system.read(at("d/motd")), await system.read(at("new/deep/motd"))]).toEqual(["x", "y"]);
    });

    test("replaces a link, not what it leads to", async () => {
      await write("f", "x");
      await run({ op: "symlink", path: at("l"), to: "f" });
      expect(await settle("copy", { dest: at("l"), content: "y" })).toMatchObject({ outcome: "changed" });
      expect([(await system.stat(at("l"))).kind, await system.read(at("f"))]).toEqual(["file", "x"]);
    });

    test.each<[string, JsonRecord, string]>([
      ["content for a directory", { dest: "." }, "bad_argument"],
      ["a directory that is not there", { dest: "none/f" }, "not_found"],
      ["a directory that is a file", { dest: ".here/f" }, "not_found"],
    ])("refuses %s", async (_, { dest }, code) => {
      await write(".here", "");
      await expect(act("copy", { dest: at(String(dest)), content: "x" })).rejects.toMatchObject({ code });
    });
  });

  describe("file", () => {
    test("makes directories with all above them, all with the permissions", async () => {
      await settle("file", { path: at("a/b/c"), state: "directory", mode: "0750" });
      expect(await Promise.all(["a", "a/b", "a/b/c"].map(async (each) => (await system.stat(at(each))).mode))).toEqual([
        0o750, 0o750, 0o750,
      ]);
    });

    test("recurses, with X for directories alone, and never through links", async () => {
      await write("d/sub/f", "x", 0o600);
      await run({ op: "symlink", path: at("d/l"), to: "nowhere" });
      await settle("file", { path: at("d"), state: "directory", recurse: true, mode: "u=rwX,g=rX,o=", group: "7" });
      expect(await system.stat(at("d/sub"))).toMatchObject({ mode: 0o750, gid: 7 });
      expect(await system.stat(at("d/sub/f"))).toMatchObject({ mode: 0o640, gid: 7 });
      expect(await system.stat(at("d/l"))).toMatchObject({ kind: "link", gid: 7 });
    });

    test("sets what is there, and makes no file", async () => {
      await write("f", "x");
      expect(await settle("file", { path: at("f"), mode: "a+x" })).toMatchObject({ outcome: "changed" });
      expect((await system.stat(at("f"))).mode).toBe(0o755);
      await expect(act("file", { path: at("none"), state: "file" })).rejects.toMatchObject({ code: "not_found" });
    });

    test("touch makes an empty file, and is a change each time", async () => {
      for (let time = 0; time < 2; time++) {
        expect(await act("file", { path: at("f"), state: "touch", mode: "0600" })).toMatchObject({
          outcome: "changed",
        });
      }
      expect(await system.stat(at("f"))).toMatchObject({ size: 0, mode: 0o600 });
    });

    test("makes and turns links", async () => {
      await write("one", "1");
      await write("two", "2");
      await settle("file", { path: at("l"), src: "one", state: "link" });
      await settle("file", { path: at("l"), src: at("two"), state: "link" });
      expect([await system.readlink(at("l")), await system.read(at("l"))]).toEqual([at("two"), "2"]);
      await expect(act("file", { path: at("m"), src: "none", state: "link" })).rejects.toMatchObject({
        code: "not_found",
      });
      await settle("file", { path: at("m"), src: "none", state: "link", force: true });
      await expect(act("file", { path: at("one"), src: "two", state: "link" })).rejects.toMatchObject({
        code: "bad_argument",
      });
      await settle("file", { path: at("one"), src: "two", state: "link", force: true });
      expect(await system.list(folder)).toEqual(expect.not.arrayContaining(["l.flashfleet-new"]));
    });

    test("removes files, links and whole directories, and nothing behind a link", async () => {
      await write("keep/f", "x");
      await write("d/e/f", "x");
      await run({ op: "symlink", path: at("d/l"), to: at("keep") });
      await settle("file", { path: at("d"), state: "absent" });
      expect(await system.read(at("keep/f"))).toBe("x");
      await expect(system.stat(at("d"))).rejects.toMatchObject({ errno: "ENOENT" });
    });
  });

  describe("lineinfile", () => {
    test("edits the file that a link leads to", async () => {
      await write("f", "a=1\nb=2\n", 0o600);
      await run({ op: "symlink", path: at("l"), to: "f" });
      const args = { path: at("l"), regexp: "^b=", line: "b=3" };
      expect((await settle("lineinfile", args)).result).toMatchObject({ msg: "line replaced" });
      expect([await system.read(at("f")), (await system.stat(at("l"))).kind]).toEqual(["a=1\nb=3\n", "link"]);
      expect((await system.stat(at("f"))).mode).toBe(0o600);
    });

    test("makes a file only where it may, with the folders above it", async () => {
      const args = { path: at("x/y/f"), line: "a" };
      await expect(act("lineinfile", args)).rejects.toMatchObject({ code: "not_found" });
      await settle("lineinfile", { ...args, create: true, mode: "0600" });
      expect([await system.read(at("x/y/f")), (await system.stat(at("x/y/f"))).mode]).toEqual(["a\n", 0o600]);
    });

    test("takes lines away", async () => {
      await write("f", "a\nb\na\n");
      expect((await settle("lineinfile", { path: at("f"), line: "a", state: "absent" })).result).toMatchObject({
        found: 2,
        msg: "2 line(s) removed",
      });
      expect(await system.read(at("f"))).toBe("b\n");
    });
  });

  test("a check on a shadow says what would change, later tasks see it, and nothing does change", async () => {
    await write("f", "a=1\n", 0o600);
    await write("d/x", "1");
    await run({ op: "symlink", path: at("l"), to: "f" });
    const trial = await Trial.begin(system, clock);
    const tryIt = async (name: string, args: JsonRecord) => {
      const files = namedFiles(name, args);
      await trial.learnFiles(files?.paths ?? [], files?.deep === true);
      return act(name, args, trial.system);
    };
    expect(await tryIt("copy", { dest: at("f"), content: "a=1\n" })).toMatchObject({ outcome: "ok" });
    expect((await tryIt("lineinfile", { path: at("l"), regexp: "^a=", line: "a=2" })).result).toMatchObject({
      mode: "0600",
      diff: { before: "a=1\n", after: "a=2\n" },
    });
    expect(await tryIt("lineinfile", { path: at("f"), line: "a=2" })).toMatchObject({ outcome: "ok" });
    expect(await tryIt("file", { path: at("d"), state: "absent" })).toMatchObject({ outcome: "changed" });
    expect(await tryIt("file", { path: at("d"), state: "absent" })).toMatchObject({ outcome: "ok" });
    expect(await tryIt("file", { path: at("new/deep"), state: "directory" })).toMatchObject({ outcome: "changed" });
    expect(await tryIt("copy", { dest: at("new/deep/f"), content: "x", owner: "root" })).toMatchObject({
      outcome: "changed",
    });
    expect([await system.read(at("f")), await system.read(at("d/x"))]).toEqual(["a=1\n", "1"]);
    await expect(system.stat(at("new"))).rejects.toMatchObject({ errno: "ENOENT" });
  });
});
