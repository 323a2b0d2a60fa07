import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseListed } from "../../../../../../agent/observe/signatures.ts";
import type { PageIo } from "../../../../../../agent/system/model/backing.ts";
import { PageStore } from "../../../../../../agent/system/model/page-store.ts";
import {
  readSuperblocks,
  wipeSuperblocks,
  writeSuperblock,
} from "../../../../../../agent/system/model/storage/superblocks.ts";

const size = 64 * 2 ** 20;
const uuid = "01234567-89ab-cdef-0123-456789abcdef";
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: "utf8", env: { PATH, LC_ALL: "C" }, timeout: 60_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ff-superblocks-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(["ext2", "ext3", "ext4", "xfs", "btrfs", "swap"])(
  "%s is found where it was made, and wiped",
  async (type) => {
    const io = new PageStore();
    await writeSuperblock(io, size, type, uuid);
    expect(await readSuperblocks(io, size)).toMatchObject([{ type, uuid }]);
    await wipeSuperblocks(io, size);
    expect(await readSuperblocks(io, size)).toEqual([]);
  },
);

test("a device that is too small holds none", async () => {
  await expect(writeSuperblock(new PageStore(), 1024, "ext4", uuid)).rejects.toThrow("ENOSPC");
  expect(await readSuperblocks(new PageStore(), 1024)).toEqual([]);
});

/** Makers of file systems that this machine may have. */
const makers = [
  ["mkfs.ext2", "ext2"],
  ["mkfs.ext3", "ext3"],
  ["mkfs.ext4", "ext4"],
  ["mkswap", "swap"],
] as const;

for (const [program, type] of makers) {
  const isThere = run(program, "-V").error === undefined && run("wipefs", "-V").error === undefined;
  test.skipIf(!isThere)(`what ${program} made is read as util-linux reads it`, async () => {
    const path = join(folder, type);
    await writeFile(path, "", { mode: 0o600 });
    await truncate(path, size);
    expect(run(program, path)).toMatchObject({ status: 0 });
    const theirs = parseListed(run("wipefs", "--no-act", "--json", path).stdout);
    const file = await open(path);
    const io: PageIo = {
      read: async (offset, length) => (await file.read(Buffer.alloc(length), 0, length, offset)).buffer,
      write: () => {},
    };
    const ours = await readSuperblocks(io, size);
    await file.close();
    expect(ours.map((each) => ({ type: each.type, uuid: each.uuid }))).toEqual(
      theirs?.map((each) => ({ type: each.type, uuid: each.uuid })),
    );
    expect(ours).toHaveLength(1);
  });
}
