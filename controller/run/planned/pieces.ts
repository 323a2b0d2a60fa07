/** Characters of JSON in one piece: nats-server takes no messages without end. */
const mostOfPiece = 256 * 1024;

/** A list in pieces that each fit into an entry of the run stream; no piece is empty. */
export function* inPieces<T>(items: readonly T[]): Generator<T[]> {
  let piece: T[] = [];
  let size = 0;
  for (const item of items) {
    const more = JSON.stringify(item).length;
    if (piece.length > 0 && size + more > mostOfPiece) {
      yield piece;
      piece = [];
      size = 0;
    }
    piece.push(item);
    size += more;
  }
  if (piece.length > 0) yield piece;
}
