import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dhchapKey, locked, startFleet } from "../../support/fleet.ts";

/** Files below a directory that hold a text. */
async function filesWith(directory: string, text: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const held = await Promise.all(paths.map(async (path) => (await readFile(path)).includes(text)));
  return paths.filter((_, index) => held[index]);
}

test("a target that lost its disk has its exports again with the next run, keys among them, which lie nowhere in the open", async () => {
  await using fleet = await startFleet();
  const options = ["-e", `dhchap_key=${dhchapKey}`];
  expect((await fleet.cli("run", locked, ...options)).code).toBe(0);

  const target = fleet.node("target");
  await target.powerCut();
  await rm(target.directory, { recursive: true, force: true });
  await target.start();

  const again = await fleet.cli("run", locked, ...options);
  expect(again, again.out).toMatchObject({ code: 0, err: "" });
  const host = await target.system.list("/sys/kernel/config/nvmet/hosts");
  expect(await target.system.read(`/sys/kernel/config/nvmet/hosts/${host[0]}/dhchap_key`)).toBe(`${dhchapKey}\n`);
  expect(await filesWith(fleet.data, dhchapKey)).toEqual([]);
});
