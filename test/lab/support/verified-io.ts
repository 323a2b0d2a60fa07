import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { inTime } from "../lines.ts";
import type { Machine } from "../machine.ts";
import type { Program } from "../programs.ts";

/** fio at work on a block device of a machine: it writes at random, verifies, and begins anew, until it is told to end. */
export class VerifiedIo {
  readonly #machine: Machine;
  readonly #name: string;
  readonly #program: Program;

  private constructor(machine: Machine, name: string, program: Program) {
    this.#machine = machine;
    this.#name = name;
    this.#program = program;
  }

  /** Resolves when a first round is verified. @param device /dev/nvme0n1 @param name of its folder in /run/lab */
  static async start(machine: Machine, device: string, name: string): Promise<VerifiedIo> {
    const program = machine.start(`exec sh test/lab/support/fio-rounds.sh ${device} /run/lab/${name}`);
    const io = new VerifiedIo(machine, name, program);
    await program.lines.waitFor(ROUND, { within: ROUND_WITHIN });
    return io;
  }

  /** How many rounds are verified so far. */
  get rounds(): number {
    const { lines } = this.#program;
    const said = lines.tail(lines.count).split("\n");
    return said.filter((line) => ROUND.test(line)).length;
  }

  /** Resolves when a round has ended that began after this was asked: what was written, before and since, reads back. */
  async anotherRound(): Promise<void> {
    const from = this.#program.lines.count;
    const [, running] = await this.#program.lines.waitFor(ROUND, { within: ROUND_WITHIN, from });
    const next = `^round ${Number(running) + 1} verified$`;
    await this.#program.lines.waitFor(new RegExp(next), { within: ROUND_WITHIN, from });
  }

  /** Has it end after this round, and says what it found. @throws where anything was wrong */
  async end(): Promise<string> {
    await writeFile(join(this.#machine.directory, "share", this.#name, "stop"), "");
    const { code, stdout, stderr } = await inTime(this.#program.ended, ROUND_WITHIN, `end the fio of ${this.#name}`);
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).toBe("");
    const faults = stdout.split("\n").filter((line) => /verify:|error|err= *[^ 0]|bad magic/i.test(line));
    expect(faults).toEqual([]);
    return /^all verified .*$/m.exec(stdout)?.[0] ?? "";
  }
}

const ROUND = /^round (\d+) verified$/;
const ROUND_WITHIN = 180_000;
