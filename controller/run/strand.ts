import type { Branch } from "../project/branch.ts";

const sections = ["tasks", "rescue", "always"] as const;
type Section = (typeof sections)[number];

interface Frame<L> {
  branch: Branch<L>;
  section: Section;
  index: number;
  /** What a leaf stood for, where it descended: two hosts may stand at one position below different files. */
  of: string;
  /** Handed to the branch above, once `always` is through. */
  failed: boolean;
}

/**
 * Where one host is in a play: a walk through its blocks that failures divert, as Ansible's. It stands at a leaf until it is
 * told what became of it.
 */
export class Strand<L extends { is: string }> {
  #frames: Frame<L>[];
  #lost = false;

  constructor(tasks: readonly (L | Branch<L>)[]) {
    this.#frames = [enter({ is: "block", tasks, rescue: [], always: [] })];
    this.#settle();
  }

  /** The leaf where it stands; undefined: it is through, or lost. */
  get leaf(): L | undefined {
    const frame = this.#frames.at(-1);
    const node = frame?.branch[frame.section][frame.index];
    return node === undefined || isBranch(node) ? undefined : node;
  }

  /** A failure that nothing rescued. */
  get isLost(): boolean {
    return this.#lost;
  }

  /** Whether it failed, and only goes through what is done always. */
  get isFailing(): boolean {
    return this.#frames.some(({ failed }) => failed);
  }

  /** As if it had never failed: behind what is done always it goes on. */
  forgive(): void {
    for (const frame of this.#frames) frame.failed = false;
  }

  /** Whether it stands where a failure brought it, or in what is done always. */
  get isDiverted(): boolean {
    return this.#frames.some(({ section }) => section !== "tasks");
  }

  /** Whether it stands in a rescue section, where what failed can be asked for. */
  get isRescuing(): boolean {
    return this.#frames.some(({ section }) => section === "rescue");
  }

  /** Whether a failure here would be rescued, now or once `always` is through. */
  get isGuarded(): boolean {
    return this.#frames.some(({ branch, section }) => section === "tasks" && branch.rescue.length > 0);
  }

  /** Where it stands, to be compared: of two hosts, the one whose numbers are lower comes first in the playbook. */
  get position(): readonly number[] {
    return this.#frames.flatMap(({ section, index }) => [sections.indexOf(section), index]);
  }

  /** The same as a text, with what it descended into. */
  get place(): string {
    return this.#frames.map(({ of, section, index }) => `${of}${section[0]}${index}`).join(".");
  }

  /** The leaf is done. */
  done(): void {
    this.#step();
    this.#settle();
  }

  /** The leaf stands for these: they run now, and then what follows it. `of` tells what it stood for. */
  descend(tasks: readonly (L | Branch<L>)[], of = ""): void {
    this.#frames.push({ ...enter({ is: "block", tasks, rescue: [], always: [] }), of });
    this.#settle();
  }

  fail(): void {
    this.#divert();
    this.#settle();
  }

  /** Nothing more of the play: unreachable, or told to end. */
  end({ lost }: { lost: boolean }): void {
    this.#frames = [];
    this.#lost = lost;
  }

  #step(): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.index++;
  }

  /** On to the next leaf, through the ends of sections and into blocks. */
  #settle(): void {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const node = frame.branch[frame.section][frame.index];
      if (node === undefined) this.#leave(frame);
      else if (isBranch(node)) this.#frames.push(enter(node));
      else return;
    }
  }

  #leave(frame: Frame<L>): void {
    if (frame.section !== "always") {
      frame.section = "always";
      frame.index = 0;
      return;
    }
    this.#frames.pop();
    if (!frame.failed) this.#step();
    else if (this.#frames.length === 0) this.#lost = true;
    else this.#divert();
  }

  /** From the failure to what comes of it: rescue, then always, then the branch above. */
  #divert(): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    const { section, branch } = frame;
    const rescued = section === "tasks" && branch.rescue.length > 0;
    frame.failed = !rescued;
    frame.section = rescued ? "rescue" : "always";
    frame.index = section === "always" ? branch.always.length : 0;
  }
}

function enter<L>(branch: Branch<L>): Frame<L> {
  return { branch, section: "tasks", index: 0, of: "", failed: false };
}

function isBranch<L extends { is: string }>(node: L | Branch<L>): node is Branch<L> {
  return node.is === "block";
}

/** Below zero where the first comes first. */
export function comparePositions(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
