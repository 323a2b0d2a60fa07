import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../../shared/protocol/canonical.ts";
import { isJson } from "../../../../shared/protocol/json.ts";
import { Secret } from "../../../../shared/secret.ts";

describe("canonical JSON", () => {
  test("sorts names at every depth and leaves lists as they are", () => {
    expect(canonicalJson({ b: [2, { d: null, c: "é\n" }], a: true })).toBe('{"a":true,"b":[2,{"c":"é\\n","d":null}]}');
  });

  test("leaves out what is undefined", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test.each([
    ["a secret", new Secret("x")],
    ["a secret inside", { key: new Secret("x") }],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["NaN", Number.NaN],
    ["a big integer", 1n],
    ["undefined", undefined],
    ["undefined in a list", [undefined]],
    ["a function", () => 1],
  ])("refuses %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(isJson(value)).toBe(false);
  });

  test("is the same text for every order of names, and reads back as the same value", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = canonicalJson(value);
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(text);
        expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(canonicalJson(JSON.parse(text)))));
        expect(isJson(JSON.parse(text))).toBe(true);
      }),
    );
  });
});
