import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoAnsible } from "../../support/ansible.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { Player } from "./player.ts";
import { inventory, type RandomPlaybook, randomPlaybook } from "./random-playbook.ts";
import { finals, story, storyOfHosts } from "./story.ts";

const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: random playbooks beside Ansible: ${reason}\n`);

/** More on request: FLASHFLEET_PLAYBOOKS=500, and the seed of a run that failed. */
const runs = Number(process.env.FLASHFLEET_PLAYBOOKS ?? 6);
const seed = Number(process.env.FLASHFLEET_SEED ?? 1);

describe.skipIf(reason !== undefined)("random playbooks run as Ansible runs them", () => {
  let fleet: TestFleet;
  let player: Player;
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ff-random-"));
    fleet = await startFleet({ nodes: {} });
    player = new Player();
  });
  afterAll(async () => {
    await player?.close();
    await fleet?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  async function write(name: string, { files }: RandomPlaybook): Promise<string> {
    const folder = join(directory, name);
    for (const [path, text] of Object.entries({ ...files, "hosts.yml": inventory })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return folder;
  }

  /** What differs, told with all that is needed to see why; undefined where nothing does. */
  async function difference(name: string, playbook: RandomPlaybook): Promise<string | undefined> {
    const folder = await write(name, playbook);
    const theirs = await player.play(folder, ["-i", "hosts.yml", "site.yml", ...playbook.args]);
    const path = (file: string) => join(folder, file);
    const ours = await fleet.cli("run", "-i", path("hosts.yml"), path("site.yml"), ...playbook.args);
    const tell = playbook.isFree ? storyOfHosts : story;
    const [a, b] = [theirs, ours].map(({ code, out }) => ({ code, ...Object(tell(out)), finals: finals(out) }));
    if (isDeepStrictEqual(a, b)) return undefined;
    return [
      `${name} ${playbook.args.join(" ")}`,
      `--- Ansible ${theirs.code}\n${theirs.out}`,
      `--- flashfleet ${ours.code}\n${ours.out}${ours.err}`,
      ...Object.entries(playbook.files).map(([file, text]) => `--- ${file}\n${text}`),
    ].join("\n");
  }

  test(`${runs} of them, seed ${seed}`, async () => {
    const found: string[] = [];
    for (const [index, playbook] of fc.sample(randomPlaybook, { numRuns: runs, seed }).entries()) {
      const told = await difference(`random-${index}`, playbook);
      if (told !== undefined) found.push(told);
    }
    if (process.env.FLASHFLEET_FOUND !== undefined)
      await writeFile(process.env.FLASHFLEET_FOUND, found.join("\n\n=====\n"));
    expect(found.length, found[0]).toBe(0);
  }, 3_600_000);
});
