/** Reads and writes at byte offsets. Rejects with an {@link Errno}: EIO. */
export interface PageIo {
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
  write(offset: number, bytes: Uint8Array): Promise<void> | void;
}

/** What a namespace can lie on: a block device or a file, opened by path. */
export interface Backing {
  io: PageIo;
  /** Bytes, as of now. */
  size(): number;
  readOnly: boolean;
  /** Bytes; hosts see whole blocks only. */
  blockSize?: number;
}
