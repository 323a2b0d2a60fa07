import type { Placement } from "./placement.ts";
import type { Pick } from "./shelves.ts";
import type { Why } from "./volume.ts";
import type { Want } from "./want.ts";

/** Drives that may still be looked at: more than a few million are no use to people who wait. */
export interface Patience {
  left: number;
}

/** A volume that would give up its drive to another one. */
interface Move {
  want: Want;
  /** What it gives up, and to whom; undefined for the want that all of it is for. */
  gives: { pick: Pick; to: Move } | undefined;
}

/**
 * Finds a drive for a want that has found none free, by having volumes that were placed in the same round move over, as few
 * as possible: an augmenting path, breadth first. What was there before the round stays. False: there is no way, or none was
 * found in time.
 */
export function makeRoom(placement: Placement, want: Want, patience: Patience): boolean {
  const seen = new Set<string>();
  const queue: Move[] = [{ want, gives: undefined }];
  for (const move of queue) {
    for (const pick of placement.shelvesOf(move.want).all(move.want.size)) {
      if (patience.left-- <= 0) return false;
      const holder = placement.stock.holderOf(pick.drive.id);
      const other = holder === undefined || seen.has(pick.drive.id) ? undefined : placement.movable(holder);
      if (other === undefined || !placement.mayHave(move.want, pick)) continue;
      seen.add(pick.drive.id);
      const next: Move = { want: other, gives: { pick, to: move } };
      const free = placement.smallest(other);
      if (free !== undefined && moveOver(placement, next, free)) return true;
      queue.push(next);
    }
  }
  return false;
}

const movedOver: Why = { is: "moved_over" };

/** Moves the last one to what is free, and everybody before it to what the next one gave up; nothing, where they get into each other's way. */
function moveOver(placement: Placement, last: Move, free: Pick): boolean {
  const moves: { want: Want; to: Pick; from: Pick | undefined }[] = [];
  let to = free;
  for (let move: Move | undefined = last; move !== undefined; move = move.gives?.to) {
    moves.push({ want: move.want, to, from: move.gives?.pick });
    if (move.gives !== undefined) to = move.gives.pick;
  }
  for (const { want } of moves) placement.lift(want.volume);
  for (const { want, to: pick } of moves) placement.placeOn(want, pick, movedOver);
  // Volumes of one initiator that moved together may have met.
  if (moves.every(({ want, to: pick }) => placement.mayHave(want, pick))) return true;
  for (const { want } of moves) placement.lift(want.volume);
  for (const { want, from } of moves) if (from !== undefined) placement.placeOn(want, from, movedOver);
  return false;
}
