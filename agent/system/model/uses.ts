import { Errno } from "./errno.ts";
import { splitPartition } from "./partitions.ts";

export interface Opener {
  pid: number;
  comm: string;
}

interface Use {
  holders: string[];
  openers: Opener[];
  swap: boolean;
}

/** A line of /proc/mounts. What lies in the file system is not a part of the model. */
export interface Mounted {
  /** Kernel name; "" for one that lies on no device. */
  device: string;
  source: string;
  at: string;
  type: string;
  options: string;
}

/** Who uses which block device of a node, by kernel name. */
export class Uses {
  readonly #uses = new Map<string, Use>();
  #mounts: Mounted[] = [];
  /** Mount points of the node that this one is a model of, at which nothing is mounted any more. */
  readonly #ended: string[] = [];
  /** Of devices whose use was only found by trying: what open(2) with O_EXCL gets. */
  readonly #claims = new Map<string, string>();
  readonly #freed: (device: string) => void;
  #lastPid = 4000;

  /** `freed` is called with a device that nobody uses any more. */
  constructor(freed: (device: string) => void = () => {}) {
    this.#freed = freed;
  }

  of(device: string): Readonly<Use> {
    return this.#uses.get(device) ?? { holders: [], openers: [], swap: false };
  }

  devices(): Iterable<[string, Readonly<Use>]> {
    const names = new Set([...this.#uses.keys(), ...this.#mounts.map(({ device }) => device)]);
    names.delete("");
    return [...names].map((name): [string, Readonly<Use>] => [name, this.of(name)]);
  }

  /** In the order in which they were mounted. */
  get mounted(): readonly Mounted[] {
    return this.#mounts;
  }

  mount(mounted: Mounted): void {
    this.#mounts.push(mounted);
  }

  /** What lies uppermost at a mount point. */
  unmountAt(at: string): void {
    const gone = this.#mounts.findLast((each) => each.at === at);
    if (gone === undefined) return void this.#ended.push(at);
    this.#mounts = this.#mounts.filter((each) => each !== gone);
    this.#forget(gone.device);
  }

  /** Another line of options for what lies uppermost there. */
  remountAt(at: string, options: (before: string) => string): void {
    const top = this.#mounts.findLast((each) => each.at === at);
    this.#mounts = this.#mounts.map((each) => (each === top ? { ...each, options: options(each.options) } : each));
  }

  /** Everywhere. */
  unmount(device: string): void {
    this.#mounts = this.#mounts.filter((each) => each.device !== device);
    this.#forget(device);
  }

  /** How often something that was found mounted there has been unmounted. */
  endedAt(at: string): number {
    return this.#ended.filter((each) => each === at).length;
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
    return this.#uses.has(device) || this.#claims.has(device) || this.#isMounted(device);
  }

  /** Opening it exclusively was refused with this errno on the node that this one is a model of. */
  restoreClaim(device: string, errno: string): void {
    this.#claims.set(device, errno);
  }

  /** It was only claimed because it was mounted, and it is mounted no more. */
  dropClaim(device: string): void {
    this.#claims.delete(device);
  }

  /** As open(2) with O_EXCL: plain openers do not disturb it, mounts and holders do. */
  assertExclusive(device: string): void {
    const claim = this.#claims.get(device);
    if (claim !== undefined) throw new Errno(claim);
    const disk = splitPartition(device)?.disk;
    const names = [...this.#uses.keys(), ...this.#mounts.map((each) => each.device)];
    const parts = names.filter((name) => splitPartition(name)?.disk === device);
    // A claim of a disk and one of its partitions exclude each other (bd_may_claim).
    for (const each of [device, ...parts, ...(disk === undefined ? [] : [disk])]) {
      const { holders, swap } = this.of(each);
      if (this.#isMounted(each) || holders.length > 0 || swap) throw new Errno("EBUSY");
    }
  }

  #isMounted(device: string): boolean {
    return this.#mounts.some((each) => each.device === device);
  }

  #edit(device: string): Use {
    const known = this.#uses.get(device) ?? { holders: [], openers: [], swap: false };
    this.#uses.set(device, known);
    return known;
  }

  #forget(device: string): void {
    const { holders, openers, swap } = this.of(device);
    if (this.#isMounted(device) || holders.length + openers.length > 0 || swap) return;
    this.#uses.delete(device);
    this.#freed(device);
  }
}
