import { describe, expect, test } from "vitest";
import { isIpAddress, parseAddress } from "../../../../controller/inventory/address.ts";
import { readHostNames } from "../../../../controller/inventory/host-ranges.ts";
import { splitPattern, splitSubscript } from "../../../../controller/inventory/pattern-parts.ts";
import { splitShellWords } from "../../../../controller/inventory/shell-words.ts";
import { wildcardTest } from "../../../../controller/inventory/wildcards.ts";
import { readPythonLiteral } from "../../../../controller/template/python-literal.ts";

describe("an address", () => {
  test.each([
    ["db01", "db01", undefined],
    ["db01:22", "db01", 22],
    ["db[01:50].example.com:22", "db[01:50].example.com", 22],
    ["10.0.0.1:22", "10.0.0.1", 22],
    ["10.0.0.[1:5]", "10.0.0.[1:5]", undefined],
    ["fe80::1", "fe80::1", undefined],
    ["[fe80::1]:22", "fe80::1", 22],
    ["über_1", "über_1", undefined],
  ])("%s is one", (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  test.each(["", "a b", "a:b", "-a", "a-", "a*", "~a", "a[b", "a:22:b", "[a:b"])("'%s' is none", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("a name has a short form, an address has none", () => {
    expect(["10.0.0.1", "fe80::1", "a.b.c"].map(isIpAddress)).toEqual([true, true, false]);
  });
});

describe("ranges of hosts", () => {
  test.each([
    ["n[1:3]", ["n1", "n2", "n3"]],
    ["n[01:03]", ["n01", "n02", "n03"]],
    ["n[08:12:2]", ["n08", "n10", "n12"]],
    ["n[:2]", ["n0", "n1", "n2"]],
    ["n[a:c]", ["na", "nb", "nc"]],
    ["n[a:e:2]", ["na", "nc", "ne"]],
    ["n[y:B]", ["ny", "nz", "nA", "nB"]],
    ["a[1:2]b[x:y]", ["a1bx", "a1by", "a2bx", "a2by"]],
    ["n1", ["n1"]],
  ])("%s", (text, names) => {
    expect(readHostNames(text)).toEqual({ names, port: undefined });
  });

  test.each(["n[3:1]", "n[1]", "n[a:3]", "n[1:]", "n[01:100]", "n[1:3:0]", "n[1:9999999]", "n["])(
    "%s is told to be none",
    (text) => {
      expect(readHostNames(text)).toEqual({ problem: expect.stringContaining("[") });
    },
  );
});

describe("values of INI inventories are Python literals", () => {
  test.each([
    ["1", 1],
    ["-3", -3],
    ["0x1f", 31],
    ["0b11", 3],
    ["1_000", 1000],
    ["1.50", 1.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["True", true],
    ["None", null],
    ["'a'", "a"],
    ["'a' \"b\"", "ab"],
    ["r'a\\n'", "a\\n"],
    ["'\\x41\\u0042\\101\\n'", "ABA\n"],
    ["'''a\"'''", 'a"'],
    ["[1, 'a', [2]]", [1, "a", [2]]],
    ["(1,)", [1]],
    ["(1)", 1],
    ["1, 2", [1, 2]],
    ["{'a': 1, 2: None}", { a: 1, "2": null }],
    ["5 # five", 5],
    ["  7", 7],
  ])("%s is one", (text, value) => {
    expect(readPythonLiteral(text)).toEqual(value);
  });

  test.each([
    "",
    "a",
    "true",
    "0644",
    "1 2",
    "--1",
    "-'a'",
    "[1,",
    "{a: 1}",
    "'a",
    "1if",
    "f'x'",
    "foo # bar",
    "9".repeat(20),
  ])("%s is text", (text) => {
    expect(readPythonLiteral(text)).toBeUndefined();
  });

  test("nesting without measure is text", () => {
    expect(readPythonLiteral("[".repeat(10_000) + "]".repeat(10_000))).toBeUndefined();
  });
});

describe("words of a line", () => {
  test.each([
    ["a b=1  c", ["a", "b=1", "c"]],
    ["a x='1 2' y=\"3 '4'\"", ["a", "x=1 2", "y=3 '4'"]],
    ["a x=1 # no", ["a", "x=1"]],
    ["a#b c", ["a"]],
    ["a x='#'", ["a", "x=#"]],
    ["a\\ b", ["a b"]],
    ['"a\\"b\\c"', ['a"b\\c']],
    ["''", [""]],
  ])("%s", (line, words) => {
    expect(splitShellWords(line)).toEqual(words);
  });

  test.each(["'a", '"a', "a\\"])("%s is told to be unfinished", (line) => {
    expect(splitShellWords(line)).toHaveProperty("problem");
  });
});

describe("wildcards", () => {
  test.each([
    ["w*1", ["w1", "w01", "wx1"]],
    ["w?1", ["w01", "wx1"]],
    ["w[0-9]1", ["w01"]],
    ["w[!0-9]1", ["wx1"]],
    ["[vw]*", ["w1", "w01", "wx1"]],
    ["w[", []],
    ["*[9-0]*", []],
    ["**", ["w1", "w01", "wx1", "x]-"]],
    ["x[]a]*", ["x]-"]],
    ["*[a-]", ["x]-"]],
  ])("%s", (pattern, names) => {
    expect(["w1", "w01", "wx1", "x]-"].filter(wildcardTest(pattern))).toEqual(names);
  });

  test("many stars take no time", () => {
    expect(wildcardTest(`${"*a".repeat(200)}b`)("a".repeat(5000))).toBe(false);
  });
});

describe("the parts of a pattern", () => {
  test.each([
    ["a:b", ["a", "b"]],
    ["a,b", ["a", "b"]],
    [" a , b ", ["a", "b"]],
    ["a b", ["a", "b"]],
    ["a[0:2]:&b*[1:]:!c", ["a[0:2]", "&b*[1:]", "!c"]],
    ["fe80::1", ["fe80::1"]],
    ["db:22", ["db:22"]],
    ["a:b,c", ["a", "b", "c"]],
    ["~(a|b).*:c", ["~(a|b).*", "c"]],
    [":,", [":"]],
    [":", []],
  ])("%s", (pattern, parts) => {
    expect(splitPattern(pattern)).toEqual(parts);
  });

  const hosts = ["a", "b", "c", "d"];

  test.each([
    ["g[0]", ["a"]],
    ["g[-1]", ["d"]],
    ["g[1:2]", ["b", "c"]],
    ["g[1-2]", ["b", "c"]],
    ["g[2:]", ["c", "d"]],
    ["g[1:0]", ["b"]],
    ["g[3:9]", ["d"]],
    ["g[9]", undefined],
  ])("%s takes places", (part, taken) => {
    const { name, take } = splitSubscript(part);
    expect(name).toBe("g");
    expect(take?.(hosts)).toEqual(taken);
  });

  test.each(["g", "g[a]", "g[-2:]", "g[:2]", "~g[0]", "[0]"])("%s has none", (part) => {
    expect(splitSubscript(part)).toEqual({ name: part, take: undefined });
  });
});
