import { lstat, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { intercept } from "../../../agent/system/intercept.ts";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { type System, SystemError } from "../../../agent/system/system.ts";
import { systemClock } from "../../../shared/clock.ts";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const directory = fileURLToPath(new URL("files", import.meta.url));
const reason = whyNoAnsible() ?? (process.getuid?.() === 0 ? undefined : "giving files away takes root");

/** This machine, on which nothing is changed outside of a folder. */
function linuxWithin(folder: string): System {
  const linux = createLinuxSystem({ clock: systemClock });
  return intercept(linux, {
    do: async (op, deadline) => {
      if ("path" in op && op.path.startsWith(`${folder}/`)) return linux.do(op, deadline);
      throw new SystemError("EPERM", "path" in op ? op.path : op.op, "change");
    },
  });
}

/** What each task, or item of one, came to; in their order. */
function story(out: string): string[] {
  return [...out.matchAll(/^(?:TASK \[(.*?)\]|(ok|changed|skipping|fatal|failed): \[n1\])/gm)].map(
    ([, task, outcome]) => task ?? `  ${outcome}`,
  );
}

async function treeOf(folder: string, name = ""): Promise<Record<string, unknown>> {
  const path = join(folder, name);
  const stat = await lstat(path);
  const { uid, gid } = stat;
  const mode = (stat.mode & 0o7777).toString(8);
  // Backups have the moment in their name.
  const shown = name.replace(/\.[\d.@:-]+~$/, ".BACKUP~");
  if (stat.isSymbolicLink()) return { [shown]: { link: await readlink(path), uid, gid } };
  if (!stat.isDirectory()) return { [shown]: { mode, uid, gid, text: await readFile(path, "utf8") } };
  const inside = await Promise.all((await readdir(path)).map((each) => treeOf(folder, join(name, each))));
  return Object.assign(name === "" ? {} : { [name]: { mode, uid, gid } }, ...inside);
}

describe.skipIf(reason !== undefined)(
  `files as Ansible makes them${reason === undefined ? "" : ` (SKIPPED: ${reason})`}`,
  () => {
    let fleet: TestFleet;
    let theirs: string;
    let ours: string;
    beforeAll(async () => {
      theirs = await mkdtemp(join(tmpdir(), "ff-theirs-"));
      ours = await mkdtemp(join(tmpdir(), "ff-ours-"));
      fleet = await startFleet({ nodes: { n1: { through: () => linuxWithin(ours) } } });
    });
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]();
      for (const folder of [theirs, ours]) await rm(folder, { recursive: true, force: true });
    });

    const run = (...words: string[]) =>
      fleet.cli("run", "-i", join(directory, "hosts.yml"), join(directory, "files.yml"), "-e", `dir=${ours}`, ...words);

    test("a check changes nothing and foretells each task; then twice the same story and the same files", async () => {
      const checked = await run("--check", "--diff");
      const shown = `--- before: ${ours}/f (content)\n+++ after: ${ours}/f (content)\n@@ -0,0 +1,2 @@\n+one\n+two\n`;
      expect(checked.out).toContain(shown);
      expect(await treeOf(ours)).toEqual({});
      for (const time of ["first", "second"]) {
        const args = ["ansible-playbook", "-i", "hosts.yml", "files.yml", "-e", `dir=${theirs}`];
        const reference = await ansible(directory, args);
        const own = await run();
        expect([time, ...story(own.out)], own.out + own.err).toEqual([time, ...story(reference.out)]);
        expect(own.out).not.toContain("+++ after");
        expect(await treeOf(ours)).toEqual(await treeOf(theirs));
        expect(own.code).toBe(reference.code);
        if (time === "first") expect(story(checked.out)).toEqual(story(own.out));
      }
    });
  },
);
