import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { z } from "zod";
import type { Millis } from "../../../shared/clock.ts";
import type { Parting } from "../../contract/walks/follow.ts";
import type { Way } from "../../contract/walks/foresee.ts";
import { inTime } from "../lines.ts";
import type { Machine } from "../machine.ts";
import type { Program } from "../programs.ts";

/** A walk of some hundred acts on an emulated machine, each with what it stirs. */
const walkWithin: Millis = 3 * 60_000;

const text = z.string().optional();
const answer = z.object({
  walk: z.number(),
  parting: z
    .object({
      at: z.number(),
      gives: text,
      shows: z.record(z.string(), z.object({ foreseen: text, seen: text })),
    })
    .nullable(),
});

/** Follows walks in a machine of the lab, one after the other. */
export class Walker {
  readonly #folder: string;
  readonly #program: Program;
  #next = 0;

  private constructor(folder: string, program: Program) {
    this.#folder = folder;
    this.#program = program;
  }

  static async start(node: Machine): Promise<Walker> {
    const folder = join(node.directory, "share/walks");
    await mkdir(folder);
    await build({
      entryPoints: [fileURLToPath(new URL("walks-in-machine.ts", import.meta.url))],
      outfile: join(node.directory, "share/walks.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
    });
    return new Walker(folder, node.node("/run/lab/walks.mjs", ["/run/lab/walks"]));
  }

  /** Where the machine's kernel parts from the model. @throws {FlashfleetError} where the machine does not answer in time */
  async follow(way: Way): Promise<Parting | undefined> {
    const walk = this.#next++;
    const path = join(this.#folder, `${walk}.json`);
    await writeFile(`${path}.tmp`, JSON.stringify(way));
    const from = this.#program.lines.count;
    await rename(`${path}.tmp`, path);
    const pattern = new RegExp(`^\\{"walk":${walk},.*$`);
    const [line] = await this.#program.lines.waitFor(pattern, { within: walkWithin, from });
    return answer.parse(JSON.parse(line)).parting ?? undefined;
  }

  async end(): Promise<void> {
    await writeFile(join(this.#folder, "end"), "");
    await inTime(this.#program.ended, 30_000, "end the walks");
  }
}
