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
  /** Of devices whose use was only found by trying: what open(2) with O_EXCL gets. */
  readonly #claims = new Map<string, string>();
  readonly #freed: (device: string) => void;
  #lastPid = 4000;

  /** `freed` is called with a device that nobody uses any more. */
  constructor(freed: (device: string) => void = () => {}) {
    this.#freed = freed;
  }

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

  /** By a process that nothing else is known of. Returns what closes it. */
  openOnce(device: string): () => void {
    const pid = ++this.#lastPid;
    this.open(device, { pid, comm: "process" });
    return () => this.close(device, pid);
  }

  /** Whether the name of a device that is gone must stay taken. */
  isHeld(device: string): boolean {
    return this.#uses.has(device) || this.#claims.has(device);
  }

  /** Opening it exclusively was refused with this errno on the node that this one is a model of. */
  restoreClaim(device: string, errno: string): void {
    this.#claims.set(device, errno);
  }

  /** As open(2) with O_EXCL: plain openers do not disturb it, mounts and holders do. */
  assertExclusive(device: string): void {
    const claim = this.#claims.get(device);
    if (claim !== undefined) throw new Errno(claim);
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
    if (mounts.length + holders.length + openers.length > 0 || swap) return;
    if (this.#uses.delete(device)) this.#freed(device);
  }
}
