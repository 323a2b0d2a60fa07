import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, isSameJson } from "../../../../shared/protocol/canonical.ts";
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

describe("two values", () => {
  test.each([
    ["in another order", { a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }, true],
    ["where one has a member that is undefined", { a: 1, b: undefined }, { a: 1 }, true],
    ["of which one has a member more", { a: 1 }, { a: 1, b: null }, false],
    ["with a list in another order", [1, 2], [2, 1], false],
    ["of which one is a list", [], {}, false],
    ["of which one is null", null, {}, false],
    ["with names that every object has", { toString: 1 }, { valueOf: 1 }, false],
  ])("%s", (_, one, other, isSame) => {
    expect(isSameJson(one, other)).toBe(isSame);
    expect(isSameJson(other, one)).toBe(isSame);
  });

  test("are the same where their canonical texts are", () => {
    const small = fc.jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom("a", "b") });
    fc.assert(
      fc.property(small, small, (one, other) => {
        expect(isSameJson(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
      }),
      { numRuns: 500 },
    );
  });
});
