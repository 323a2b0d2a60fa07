import type { Progress } from "../run/entry.ts";

/** Lines of live output that a person is shown in a second: more nobody reads. */
const mostInSecond = 40;

/** Live output of many hosts, as a person can follow it: what is too much is counted. */
export class LiveOutput {
  readonly #most: number;
  #second = Number.NaN;
  #shown = 0;
  #left = 0;
  readonly #hosts = new Set<string>();

  /** `isAll`: nothing is left out. */
  constructor({ isAll }: { isAll: boolean }) {
    this.#most = isAll ? Number.POSITIVE_INFINITY : mostInSecond;
  }

  /** The lines that are shown of it, each with its host; "" where there are too many. */
  take({ host, text, at }: Pick<Progress, "host" | "text" | "at">): string {
    const second = Math.floor(at / 1000);
    let before = "";
    if (second !== this.#second) {
      before = this.rest();
      this.#second = second;
      this.#shown = 0;
    }
    const lines = text.trimEnd().split("\n");
    const room = Math.max(0, this.#most - this.#shown);
    this.#shown += Math.min(room, lines.length);
    if (lines.length > room) {
      this.#left += lines.length - room;
      this.#hosts.add(host);
    }
    const shown = lines.slice(0, room).map((line) => `  ${host} | ${line}\n`);
    return before + shown.join("");
  }

  /** What was left out since it was told last. */
  rest(): string {
    if (this.#left === 0) return "";
    const hosts = this.#hosts.size === 1 ? [...this.#hosts].join() : `${this.#hosts.size} hosts`;
    const text = `  … ${this.#left} more lines of ${hosts} (-v shows all)\n`;
    this.#left = 0;
    this.#hosts.clear();
    return text;
  }
}
