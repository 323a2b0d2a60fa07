import type { NodeId } from "../../shared/protocol/ids.ts";
import { type Pick, Shelves } from "./shelves.ts";
import { Stock } from "./stock.ts";
import type { Why } from "./volume.ts";
import type { Allocation, Drive, Target, Want } from "./want.ts";

type DriveSize = Readonly<{ id: Drive["id"]; size: number }>;

/** One round of allocation under way: what lies where, and who may still move. */
export class Placement {
  readonly stock: Stock;
  /** By name. */
  readonly wants: readonly Want[];
  readonly #allocations = new Map<string, Allocation>();
  /** Wants of this round that lie on a drive which was chosen for them: they may move over. */
  readonly #movable = new Map<string, Want>();
  readonly #ofInitiator = new Map<NodeId, Set<string>>();
  readonly #shelves = new Map<readonly NodeId[], Map<string | undefined, Shelves>>();

  constructor(targets: readonly Target[], wants: readonly Want[], kept: ReadonlyMap<string, Allocation>) {
    this.stock = new Stock(targets);
    this.wants = wants.toSorted((a, b) => (a.volume < b.volume ? -1 : 1));
    for (const allocation of kept.values()) this.#put({ ...allocation, why: { is: "kept" } });
    for (const { volume, initiator } of wants) {
      if (initiator !== undefined && kept.has(volume)) this.#volumesOf(initiator).add(volume);
    }
  }

  find(volume: string): Allocation | undefined {
    return this.#allocations.get(volume);
  }

  /** The want that a volume of this round came from, where its drive was chosen freely. */
  movable(volume: string): Want | undefined {
    return this.#movable.get(volume);
  }

  /** Takes the smallest free drive that it may have. False: there is none. */
  takeSmallest(want: Want): boolean {
    const found = this.smallest(want);
    if (found === undefined) return false;
    this.placeOn(want, found, { is: "smallest", load: found.shelf.load });
    return true;
  }

  smallest(want: Want): Pick | undefined {
    return this.shelvesOf(want).pick(want.size, {
      node: want.local ? undefined : want.initiator,
      values: this.#used(want),
    });
  }

  /** Whether the want may lie there, whoever has the drive now. */
  mayHave(want: Want, { shelf, drive }: Pick): boolean {
    if (this.stock.isBlocked(drive) || drive.size < want.size) return false;
    if (!want.local && shelf.node === want.initiator) return false;
    return want.spread === undefined || !this.#used(want).has(shelf.variables[want.spread] ?? "");
  }

  placeOn(want: Want, { shelf, drive }: Pick, why: Why): void {
    this.place(want, drive, [{ target: shelf.node, device: drive.device }], why);
    if (why.is === "smallest" || why.is === "moved_over") this.#movable.set(want.volume, want);
  }

  place({ volume, initiator }: Want, { id, size }: DriveSize, legs: Allocation["legs"], why: Why): void {
    if (initiator !== undefined) this.#volumesOf(initiator).add(volume);
    this.#put({ volume, id, size, legs, why });
  }

  /** Gives its drive up; it has to be placed again. */
  lift(volume: string): void {
    const allocation = this.#allocations.get(volume);
    if (allocation === undefined) return;
    this.#allocations.delete(volume);
    this.stock.giveBack(
      allocation.id,
      allocation.legs.map(({ target }) => target),
    );
  }

  shelvesOf({ targets, spread }: Want): Shelves {
    const bySpread = this.#shelves.get(targets) ?? new Map<string | undefined, Shelves>();
    this.#shelves.set(targets, bySpread);
    const shelves = bySpread.get(spread) ?? new Shelves(this.stock, targets, spread);
    bySpread.set(spread, shelves);
    return shelves;
  }

  result(): Map<string, Allocation> {
    return new Map([...this.#allocations].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Values of its `spread` variable where the other volumes of its initiator lie. */
  #used({ volume, initiator, spread }: Want): ReadonlySet<string> {
    const values = new Set<string>();
    if (spread === undefined || initiator === undefined) return values;
    for (const other of this.#volumesOf(initiator)) {
      if (other === volume) continue;
      for (const { target } of this.#allocations.get(other)?.legs ?? []) {
        const value = this.stock.shelf(target)?.variables[spread];
        if (value !== undefined) values.add(value);
      }
    }
    return values;
  }

  #put(allocation: Allocation): void {
    this.#allocations.set(allocation.volume, allocation);
    this.stock.take(
      allocation.volume,
      allocation.id,
      allocation.legs.map(({ target }) => target),
    );
  }

  #volumesOf(initiator: NodeId): Set<string> {
    const volumes = this.#ofInitiator.get(initiator) ?? new Set<string>();
    this.#ofInitiator.set(initiator, volumes);
    return volumes;
  }
}
