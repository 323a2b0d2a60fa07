import { Errno } from "./errno.ts";

export interface Opener {
  pid: number;
  comm: string;
}

interface Use {
  mounts: string[];
  holders: string[];
  openers: Opener[];
  swap: boolean;
}

/** Who uses which block device of a node, by kernel name. */
export class Uses {
  readonly #uses = new Map<string, Use>();

  of(device: string): Readonly<Use> {
    return this.#uses.get(device) ?? { mounts: [], holders: [], openers: [], swap: false };
  }

  devices(): Iterable<[string, Readonly<Use>]> {
    return this.#uses;
  }

  mount(device: string, at: string): void {
    this.#edit(device).mounts.push(at);
  }

  unmount(device: string): void {
    this.#edit(device).mounts = [];
    this.#forget(device);
  }

  /** `by` is the kernel name of what lies on it: dm-0, md127. */
  hold(device: string, by: string): void {
    this.#edit(device).holders.push(by);
  }

  release(device: string, by: string): void {
    const use = this.#edit(device);
    use.holders = use.holders.filter((each) => each !== by);
    this.#forget(device);
  }

  swapOn(device: string): void {
    this.#edit(device).swap = true;
  }

  open(device: string, opener: Opener): void {
    this.#edit(device).openers.push(opener);
  }

  close(device: string, pid: number): void {
    const use = this.#edit(device);
    use.openers = use.openers.filter((each) => each.pid !== pid);
    this.#forget(device);
  }

  /** Whether the name of a device that is gone must stay taken. */
  isHeld(device: string): boolean {
    return this.#uses.has(device);
  }

  /** As open(2) with O_EXCL: plain openers do not disturb it, mounts and holders do. */
  assertExclusive(device: string): void {
    const { mounts, holders, swap } = this.of(device);
    if (mounts.length > 0 || holders.length > 0 || swap) throw new Errno("EBUSY");
  }

  #edit(device: string): Use {
    const known = this.#uses.get(device) ?? { mounts: [], holders: [], openers: [], swap: false };
    this.#uses.set(device, known);
    return known;
  }

  #forget(device: string): void {
    const { mounts, holders, openers, swap } = this.of(device);
    if (mounts.length + holders.length + openers.length === 0 && !swap) this.#uses.delete(device);
  }
}
