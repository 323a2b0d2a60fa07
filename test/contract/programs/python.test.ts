import { describe, expect, it } from "vitest";
import { type Printed, repr, str, Tuple } from "./python.ts";

/** What Python 3 prints. */
const printed: readonly [value: Printed, text: string][] = [
  [null, "None"],
  [true, "True"],
  [-1, "-1"],
  [2n ** 64n, "18446744073709551616"],
  ["it", "'it'"],
  ["it's", `"it's"`],
  [`it's "it"`, `'it\\'s "it"'`],
  ["a\n\t\r\\", "'a\\n\\t\\r\\\\'"],
  ["hé", "'hé'"],
  ["\0\x7f", "'\\x00\\x7f'"],
  ["\u00a0", "'\\xa0'"],
  [Uint8Array.of(0x61, 0, 0xe9, 0x27), `b"a\\x00\\xe9'"`],
  [new Tuple(), "()"],
  [new Tuple(1), "(1,)"],
  [new Tuple("a", [null]), "('a', [None])"],
  [["a", "b"], "['a', 'b']"],
  [new Map<string, Printed>([["a", new Tuple(1, 2)]]), "{'a': (1, 2)}"],
];

describe("repr", () => {
  it.each(printed)("of %o is %s", (value, text) => {
    expect(repr(value)).toBe(text);
  });
});

it("str leaves a string as it is, and shows the rest as repr", () => {
  expect(str("it's")).toBe("it's");
  expect(str(["it's"])).toBe(`["it's"]`);
});
