import { describe, expect, test } from "vitest";
import { formatSize, parseSize } from "../../../shared/size.ts";

describe("sizes that people write", () => {
  test.each([
    ["0", 0],
    ["4096", 4096],
    ["512B", 512],
    ["1kB", 1000],
    ["1TB", 1e12],
    ["1.92 TB", 1.92e12],
    [" 800 GB ", 8e11],
    ["1TiB", 2 ** 40],
    ["2kiB", 2048],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(["", "1T", "1tb", "1 T B", "-1GB", "1e3", "9000PB", "1KB", "1B B", "x"])("%j is none", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000_204_886_016, "1.00 TB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
