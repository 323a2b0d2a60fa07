import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recapOf } from "../../support/cli.ts";
import { articleNodes, startFleet, walkthrough } from "../../support/fleet.ts";
import { temporaryDirectory } from "../../support/nats-server.ts";
import { renderTree } from "../../support/render-tree.ts";
import { mountSmallDisk } from "../../support/small-disk.ts";

test("a full disk below the controller's data directory is told with its remedy, and nothing is lost", async (context) => {
  await using directory = await temporaryDirectory();
  const disk = await mountSmallDisk(join(directory.path, "c"), 16);
  if (typeof disk === "string") return context.skip(`SKIPPED: ${disk}`);
  await using _ = disk;
  await using fleet = await startFleet({ data: disk.path });
  expect((await fleet.cli("run", walkthrough, "-l", "targets,initiator-1")).code).toBe(0);
  const before = await renderTree(fleet.node("initiator-2").system);

  await disk.fill();
  const answer = await fleet.cli("run", walkthrough);
  expect(answer.code, answer.out + answer.err).toBe(1);
  expect(answer.out + answer.err).toMatch(/cannot (append to|write|read|open|list)/);
  expect(answer.out + answer.err).toMatch(/hint: .*(disk|room)/);
  expect(await renderTree(fleet.node("initiator-2").system)).toEqual(before);

  await disk.clear();
  await expect
    .poll(async () => (await fleet.cli("run", walkthrough)).code, { timeout: 60_000, interval: 1000 })
    .toBe(0);
  const again = await fleet.cli("run", walkthrough);
  expect(recapOf(again.out)).toMatchObject({ target: { changed: 0 }, "initiator-2": { changed: 0 } });
  expect((await fleet.cli("runs", "-o", "json")).lines().at(-1)).toMatchObject({ outcome: "ok", title: walkthrough });
}, 180_000);

test("a full disk below an agent's data directory stops a task before it changes anything", async (context) => {
  await using directory = await temporaryDirectory();
  const disk = await mountSmallDisk(join(directory.path, "n"), 1);
  if (typeof disk === "string") return context.skip(`SKIPPED: ${disk}`);
  await using _ = disk;
  await using fleet = await startFleet({
    nodes: { ...articleNodes, target: { ...articleNodes.target, home: disk.path } },
  });
  const { system } = fleet.node("target");
  const before = [await renderTree(system), await system.list("/sys/module")];
  await disk.fill();
  const answer = await fleet.cli("run", walkthrough);
  expect(answer.code, answer.out).toBe(2);
  expect(answer.out).toMatch(/fatal: \[target\]: FAILED! => .*"code": "store_failed".*ENOSPC/);
  expect(answer.out).toContain("hint: is the disk full or read-only?");
  expect([await renderTree(system), await system.list("/sys/module")]).toEqual(before);

  await disk.clear();
  await rm(join(disk.path, "journal.json.new"), { force: true });
  expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  await fleet.node("target").stop();
  await fleet.node("target").start();
  const again = await fleet.cli("run", walkthrough);
  expect(recapOf(again.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
});
