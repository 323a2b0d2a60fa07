import { describe, expect, test } from "vitest";
import { variableLayer } from "../../../../controller/template/compiled-value.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import type { Json } from "../../../../controller/template/value.ts";
import { toErrorData } from "../../../../shared/errors.ts";

const variables = {
  given: [1],
  map: { a: 1 },
  made: "{{ [1] }}",
  text: "word ".repeat(200_000),
  lines: "a\n".repeat(20_000),
};
const scope = () => new Scope([variableLayer(variables)]);
const evaluate = (text: string) => compileTemplate(text).evaluate(scope());

function mistake(text: string): string {
  try {
    return JSON.stringify(evaluate(text));
  } catch (error) {
    const { message, hint } = toErrorData(error);
    return [message, hint].filter((part) => part !== undefined).join(" | ");
  }
}

describe("filters of newer versions of Ansible", () => {
  test.each<[string, Json]>([
    ["['/a/b/c', '/a/b/d', '/a/b'] | commonpath", "/a/b"],
    ["['/a', '/b'] | commonpath", "/"],
    ["['a/b', 'a/./c'] | commonpath", "a"],
    ["'/a/../b//c/.' | normpath", "/b/c"],
    ["'../a/../..' | normpath", "../.."],
    ["'' | normpath", "."],
    ["'aaa' | regex_replace('a', 'b', count=2)", "bba"],
    ["'aaa' | regex_replace('a', 'b', mandatory_count=3)", "bbb"],
    [
      "[1, 2] | zip([3, 4], strict=true)",
      [
        [1, 3],
        [2, 4],
      ],
    ],
  ])("%s", (expression, value) => {
    expect(evaluate(`{{ ${expression} }}`)).toEqual(value);
  });
});

describe("what a template changes in place", () => {
  test.each<[string, string, Json]>([
    ["a list that it made", "{% set l = [] %}{% for x in given %}{% set _ = l.append(x) %}{% endfor %}{{ l }}", [1]],
    [
      "a list within a mapping that it made",
      "{% set d = {'a': []} %}{% do d.a.extend([1, 2]) %}{{ d }}",
      { a: [1, 2] },
    ],
    ["a mapping that it made", "{% set d = {} %}{% do d.update({'a': 1}, b=2) %}{{ d }}", { a: 1, b: 2 }],
    ["a copy of a variable", "{% set l = given | list %}{% do l.append(2) %}{{ l + given }}", [1, 2, 1]],
    ["a copied mapping", "{% set d = map.copy() %}{% set x = d.pop('a') %}{{ [d, map, x] }}", [{}, { a: 1 }, 1]],
    ["what dict makes", "{% set d = dict(a=1) %}{% do d.setdefault('b', []).append(5) %}{{ d }}", { a: 1, b: [5] }],
    ["the order", "{% set l = [3, 1, 2] %}{% do l.sort(reverse=true) %}{% do l.insert(0, 9) %}{{ l }}", [9, 3, 2, 1]],
  ])("%s", (_, text, value) => {
    expect(evaluate(text)).toEqual(value);
  });

  test.each([
    ["given.append(2)", "'append' would change a list that comes from elsewhere: variables are shared"],
    ["made.append(2)", "'append' would change a list that comes from elsewhere: variables are shared"],
    ["map.update({'b': 1})", "'update' would change a mapping that comes from elsewhere: variables are shared"],
    ["map.pop('a')", "'pop' would change a mapping that comes from elsewhere: variables are shared"],
  ])("not a variable: %s", (expression, reason) => {
    expect(mistake(`{% set _ = ${expression} %}`)).toContain(reason);
    expect(mistake(`{% set _ = ${expression} %}`)).toContain("make a new one: {% set ");
  });

  test("a mapping's entry is never its prototype", () => {
    const text = "{% set d = {} %}{% do d.update({'__proto__': {'x': 1}}) %}{{ d.x is defined }}";
    expect(evaluate(text)).toBe(false);
  });
});

describe("what is refused before anything runs says what to write instead", () => {
  test.each([
    [
      "'x' | password_hash",
      "the filter 'password_hash' is refused: templates know no chance, and a password has a new salt every time | keep the hash in a variable of a vault",
    ],
    [
      "x | json_query('a')",
      "the filter 'json_query' is refused: there is no JMESPath | use selectattr, map(attribute='a.b'), dict2items and flatten",
    ],
    [
      "'/etc' is directory",
      "the test 'directory' is refused: templates see no files of the controller | lookup('file', …) reads those of the project; a task with command and register asks a node",
    ],
    ["x | community.general.random_mac", "the filter 'random_mac' is refused: templates know no chance"],
    ["x | combien({})", "there is no filter 'combien' | did you mean 'combine'?"],
  ])("%s", (expression, told) => {
    expect(() => compileTemplate(`{{ ${expression} }}`)).toThrow("cannot read the template");
    expect(mistake(`{{ ${expression} }}`)).toContain(told);
  });

  test.each([
    ["[1, 2] | random", "give it one: random(seed=inventory_hostname)"],
    ["[1, 2] | map('random')", "give it one: random(seed=inventory_hostname)"],
    ["[1] | map('json_query', 'a')", "there is no JMESPath"],
    ["now()", "templates have no clock"],
    ["'%Y' | strftime", "templates have no clock"],
    ["'a'.encode()", "there are no bytes"],
    ["undef(hint='say who')", "say who"],
  ])("and while it runs: %s", (expression, told) => {
    expect(mistake(`{{ ${expression} }}`)).toContain(told);
  });
});

describe("what a filter makes is paid for", () => {
  test.each([
    "range(100) | product(range(100), range(100), range(100)) | length",
    "range(100) | combinations(50) | length",
    "range(20) | permutations | length",
    "'10.0.0.0/8' | usable_range | length",
    "'a' | center(999999999)",
    "'a'.ljust(999999999)",
    "'a'.zfill(999999999)",
    "'%99999999d' | format(1)",
    "'{:>99999999}'.format(1)",
    "lines | indent(10000)",
    "text.expandtabs(1000)",
    "text | comment(decoration='x' * 1000, newline=' ')",
    "('- a\\n' * 200000) | from_yaml",
    "range(10, 100000) | map('random', seed='x') | list",
    "([[1] * 100000] * 1000) | sum(start=[])",
    "'a\\tb' | regex_search('(?<=' ~ 'a' * 5000 ~ ')b')",
  ])("%s is stopped", (expression) => {
    const started = performance.now();
    expect(mistake(`{{ ${expression} }}`)).toMatch(
      /takes more than|makes more than|is wider than|more than 2000 characters/,
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
