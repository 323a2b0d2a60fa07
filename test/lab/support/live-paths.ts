import { expect } from "vitest";
import type { Millis } from "../../../shared/clock.ts";
import type { Machine } from "../machine.ts";
import type { Program } from "../programs.ts";

const COUNT = "cat /sys/class/nvme/nvme*/state 2>/dev/null | grep -c '^live$'";

const WITHIN: Millis = 180_000;

/** Counts the live paths of an initiator, several times a second, until it is asked for the fewest. */
export class LivePaths {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async watch(initiator: Machine): Promise<LivePaths> {
    const program = initiator.start(`while :; do ${COUNT}; /run/busybox usleep 300000; done`);
    await program.lines.waitFor(/^\d+$/);
    return new LivePaths(program);
  }

  /** Resolves when there are so many. */
  async become(count: number): Promise<void> {
    await this.#program.lines.waitFor(new RegExp(`^${count}$`), { within: WITHIN, from: this.#program.lines.count });
  }

  /** How many there were at the worst moment. Ends the watch. */
  async fewest(): Promise<number> {
    this.#program.signal("TERM");
    const { stdout } = await this.#program.ended;
    const counts = stdout.split("\n").filter(Boolean).map(Number);
    expect(counts.length).toBeGreaterThan(1);
    return Math.min(...counts);
  }
}
