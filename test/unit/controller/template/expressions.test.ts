import { describe, expect, test } from "vitest";
import { variableLayer } from "../../../../controller/template/compiled-value.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import type { Json } from "../../../../controller/template/value.ts";

const variables: Readonly<Record<string, Json>> = {
  name: "flash01",
  count: 3,
  none: null,
  port: "{{ base + 1 }}",
  base: 4419,
  address: { ipv4: ["10.0.0.1", "10.0.0.2"], family: "ipv4", items: "shadow" },
  drives: [
    { id: "b", size: 20, ok: true },
    { id: "a", size: 10, ok: false },
  ],
  words: ["b", "A", "a", "c"],
  result: { rc: 0, changed: true, failed: false, stdout: "one two" },
};
const scope = new Scope([variableLayer(variables)]);
const evaluate = (text: string) => compileTemplate(text).evaluate(scope);

describe("the value of a template", () => {
  test.each<[string, string, Json]>([
    ["plain text is itself", "no braces", "no braces"],
    ["one expression keeps its type", "{{ count }}", 3],
    ["an expression amid text becomes text", "n={{ count }}", "n=3"],
    ["true amid text is written as Python writes it", "{{ true }}!", "True!"],
    ["nothing amid text is nothing", "a{{ none }}b", "ab"],
    ["a list amid text is written as Python writes it", "x {{ words }}", "x ['b', 'A', 'a', 'c']"],
    ["a comment is left out", "a{# not me #}b", "ab"],
    ["dashes strip white space", "a  {{- 1 -}}  b", "a1b"],
    ["raw text is left alone", "{% raw %}{{ x }}{% endraw %}", "{{ x }}"],
    ["braces within an expression do not end it", "{{ {'a': {'b': 1}} }}", { a: { b: 1 } }],
    ["a brace within a text does not end it", "{{ '}}' }}", "}}"],
    ["a variable that is a template is evaluated", "{{ port }}", 4420],
    ["multiplication binds tighter than addition", "{{ 1 + 2 * 3 }}", 7],
    ["a floor division and a modulo are Python's", "{{ [-7 // 2, -7 % 3, 2 ** 3] }}", [-4, 2, 8]],
    ["tilde joins anything as text", "{{ name ~ ':' ~ count }}", "flash01:3"],
    ["comparisons chain", "{{ 1 < count <= 3 }}", true],
    ["not in", "{{ 'z' not in words }}", true],
    ["in looks for keys of a mapping", "{{ 'family' in address }}", true],
    ["and gives its last value", "{{ count and name }}", "flash01"],
    ["or gives the first true value", "{{ '' or name }}", "flash01"],
    ["an inline if", "{{ 'many' if count > 2 else 'few' }}", "many"],
    ["an attribute and an index", "{{ address.ipv4[-1] }}", "10.0.0.2"],
    ["an index by dot", "{{ drives.0.id }}", "b"],
    ["a key wins over a method of that name", "{{ address.items }}", "shadow"],
    ["a method is reached by a call", "{{ address.keys() }}", ["ipv4", "family", "items"]],
    [
      "slices",
      "{{ [words[1:], words[:-2], words[::-1], 'abc'[1:2]] }}",
      [["A", "a", "c"], ["b", "A"], ["c", "a", "A", "b"], "b"],
    ],
    ["methods of text", "{{ 'a,b'.split(',') + ['X'.lower(), ' y '.strip()] }}", ["a", "b", "x", "y"]],
    ["get with a default", "{{ address.get('x', 7) }}", 7],
    ["a test with an argument and no parentheses", "{{ 9 is divisibleby 3 }}", true],
    ["a negated test", "{{ nobody is not defined }}", true],
    [
      "tests of a registered result",
      "{{ [result is changed, result is failed, result is succeeded, result is skipped] }}",
      [true, false, true, false],
    ],
    [
      "tests of types",
      "{{ [words is sequence, address is mapping, name is string, count is number, none is none] }}",
      [true, true, true, true, true],
    ],
    ["a default for what is undefined", "{{ nobody.address | default('here') }}", "here"],
    ["a default for what is empty", "{{ '' | d('x', true) }}", "x"],
    ["the filter binds tighter than the sum", "{{ '1' | int + 2 }}", 3],
    ["a negative number and a filter", "{{ -3 | abs }}", 3],
    ["a text keeps unknown escapes", "{{ 'a\\d' }}", "a\\d"],
    ["the range function", "{{ range(1, 4) }}", [1, 2, 3]],
  ])("%s", (_, text, value) => {
    expect(evaluate(text)).toEqual(value);
  });
});

describe("filters", () => {
  test.each<[string, Json]>([
    ["words | join('-')", "b-A-a-c"],
    ["drives | map(attribute='id') | list", ["b", "a"]],
    ["words | map('upper')", ["B", "A", "A", "C"]],
    ["['name', 'count'] | map('extract', {'name': {'x': 1}, 'count': {'x': 2}}, ['x']) | list", [1, 2]],
    ["drives | selectattr('ok') | map(attribute='id')", ["b"]],
    ["drives | rejectattr('size', 'gt', 15) | map(attribute='id')", ["a"]],
    ["[1, 0, 2] | select", [1, 2]],
    ["[1, 2, 3, 4] | reject('even')", [1, 3]],
    ["drives | sort(attribute='size') | first", { id: "a", size: 10, ok: false }],
    ["words | sort", ["A", "a", "b", "c"]],
    ["words | unique", ["b", "A", "c"]],
    ["[1, 2] | union([2, 3])", [1, 2, 3]],
    ["[1, 2, 3] | difference([2])", [1, 3]],
    ["[1, 2, 3] | intersect([3, 1])", [1, 3]],
    ["drives | sum(attribute='size')", 30],
    ["[3, 1, 2] | max", 3],
    ["[3, 1, 2] | min", 1],
    ["[1, [2, [3, none]]] | flatten", [1, 2, 3]],
    ["'0x1f' | int(base=16)", 31],
    ["'nonsense' | int(7)", 7],
    ["'3.7' | float", 3.7],
    ["'YES' | bool", true],
    ["3 | string", "3"],
    ["'a b' | upper | replace(' ', '_')", "A_B"],
    ["'  x ' | trim", "x"],
    ["{'b': [1, true], 'a': none} | to_json", '{"b": [1, true], "a": null}'],
    ["{'b': 1, 'a': []} | to_nice_json", '{\n    "a": [],\n    "b": 1\n}'],
    ["'{\"a\": 1}' | from_json", { a: 1 }],
    ["{'a': {'x': 1}, 'b': 1} | combine({'a': {'y': 2}}, recursive=true)", { a: { x: 1, y: 2 }, b: 1 }],
    ["{'a': 1} | dict2items", [{ key: "a", value: 1 }]],
    ["[{'key': 'a', 'value': 1}] | items2dict", { a: 1 }],
    ["'nvme0n1' | regex_replace('^nvme(\\d+)n(\\d+)$', '\\1/\\2')", "0/1"],
    ["'nvme0n1' | regex_search('n(\\d+)$', '\\1')", ["1"]],
    ["'abc' | regex_search('x')", null],
    ['"it\'s" | quote', "'it'\"'\"'s'"],
    ["true | ternary('a', 'b')", "a"],
    ["'/dev/disk/by-id/x' | basename", "x"],
    ["'/dev/disk/by-id/x' | dirname", "/dev/disk/by-id"],
    ["2199023255552 | human_readable", "2.00 TB"],
    ["[1, 2] | length", 2],
    ["'abc' | list | last", "c"],
    ["'ab' is match('a') and 'ab' is not fullmatch('a')", true],
  ])("%s", (expression, value) => {
    expect(evaluate(`{{ ${expression} }}`)).toEqual(value);
  });
});
