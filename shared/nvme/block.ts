/** Of a file a target exports whole blocks, of so many bytes at most: its disk may be smaller by less than that. */
export const largestBlock = 4096;
