import { filters } from "../../../controller/template/filters/filters.ts";
import { fileLookups } from "../../../controller/template/lookups/files.ts";
import { listLookups } from "../../../controller/template/lookups/lists.ts";
import { sequenceLookups } from "../../../controller/template/lookups/sequence.ts";
import { variableLookups } from "../../../controller/template/lookups/variables.ts";
import { tests } from "../../../controller/template/tests.ts";
import type { Draw } from "../../contract/walks/draw.ts";

const filterNames = Object.keys(filters);
const testNames = Object.keys(tests);
const lookupNames = Object.keys({ ...fileLookups, ...listLookups, ...sequenceLookups, ...variableLookups });
const methods = [
  "upper",
  "split",
  "join",
  "items",
  "keys",
  "get",
  "format",
  "strip",
  "replace",
  "startswith",
  "append",
  "pop",
  "update",
  "__class__",
  "constructor",
  "toString",
  "valueOf",
  "mro",
];
const variables = ["a", "list", "text", "number", "item", "later", "words", "table", "hostvars"];
const strangers = [
  "loop",
  "self",
  "deep",
  "missing",
  "omit",
  "groups",
  "__proto__",
  "constructor",
  "process",
  "globalThis",
  "this",
];
const literals = [
  "0",
  "1",
  "-1",
  "2.5",
  "1e300",
  "9007199254740993",
  "''",
  "'a'",
  "'a b,c'",
  "'%s %d'",
  "'{}{0}{x}'",
  "'10.0.0.1/24'",
  "'fe80::1'",
  "'1.2.3'",
  "'4 GiB'",
  "'2026-01-01 10:00'",
  "'(a+)+$'",
  "'(a|a)*b'",
  "'.*.*.*x'",
  "'[a-z]{1,999}'",
  "'\\\\1'",
  "'{\"a\": [1]}'",
  "'a: [1'",
  "true",
  "None",
  "[]",
  "{}",
  "[1, 2, 3]",
  "{'a': 1}",
  "{'a': {'b': [1]}}",
  "[{'k': 1}, {'k': 2}]",
  "'__proto__'",
  "'é\\u2028'",
  "'x' * 9999",
  "range(999)",
  "range(0, 10 ** 9)",
  "'a' * 10 ** 6",
];
const operators = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or"];

/** An expression of the language; `depth` levels, of which the lowest are literals and variables. */
export function expression(draw: Draw, depth: number): string {
  const part = () => expression(draw, depth - 1 - draw.upTo(1));
  if (depth <= 0) return draw.chance(0.4) ? draw.usually(variables, strangers) : draw.pick(literals);
  return draw.weighted<() => string>([
    [6, () => filtered(part(), draw, depth)],
    [3, () => `${part()} ${draw.pick(operators)} ${part()}`],
    [2, () => tested(part(), draw, depth)],
    [2, () => `(${part()})`],
    [
      2,
      () =>
        `${part()}.${draw.usually([...methods, "a", "b", "k"], strangers)}${draw.chance(0.5) ? given(draw, depth, ["a", "b"], true) : ""}`,
    ],
    [1, () => `${part()}[${draw.chance(0.5) ? part() : `${part()}:${part()}:${part()}`}]`],
    [1, () => `${part()} if ${part()} else ${part()}`],
    [1, () => `not ${part()}`],
    [1, () => `[${part()}, ${part()}]`],
    [1, () => `{${part()}: ${part()}}`],
    [1, () => `${draw.pick(["lookup", "query", "q"])}('${draw.pick(lookupNames)}', ${part()}, ${part()})`],
    [
      1,
      () =>
        `${draw.pick(["range", "dict", "namespace", "cycler", "joiner", "now", "lipsum"])}${given(draw, depth, ["a", "b"], true)}`,
    ],
    [
      1,
      () =>
        `${part()} | ${draw.pick(["map", "select", "reject"])}('${draw.pick([...filterNames, ...testNames])}'${draw.chance(0.5) ? `, ${part()}` : ""}) | list`,
    ],
  ])();
}

function filtered(of: string, draw: Draw, depth: number): string {
  const name = draw.pick(filterNames);
  return `${of} | ${name}${given(draw, depth, filters[name]?.takes)}`;
}

function tested(of: string, draw: Draw, depth: number): string {
  const name = draw.pick(testNames);
  return `${of} is ${draw.chance(0.2) ? "not " : ""}${name}${given(draw, depth, tests[name]?.takes)}`;
}

/** Arguments: some by position, then some by the names that the thing takes. */
function given(draw: Draw, depth: number, takes: readonly string[] | undefined = [], always = false): string {
  if (!always && draw.chance(takes.length === 0 ? 0.7 : 0.3)) return "";
  const each = () => expression(draw, depth - 2);
  const byPosition = draw.chance(0.9) ? draw.upTo(Math.min(2, takes.length)) : draw.upTo(4);
  const names = draw.chance(0.9) ? takes.slice(byPosition) : ["attribute", "__proto__", "constructor", "a"];
  const named = names.filter(() => draw.chance(0.3)).map((name) => `${name}=${each()}`);
  return `(${[...Array.from({ length: byPosition }, each), ...named].join(", ")})`;
}

/** A text with expressions, comments and statements in it. */
export function template(draw: Draw, depth: number): string {
  const print = () => `{{ ${expression(draw, depth)} }}`;
  if (depth <= 0 || draw.chance(0.5)) return print();
  const body = () => template(draw, depth - 1);
  return draw.weighted<() => string>([
    [3, () => `${body()} ${body()}`],
    [2, () => `text ${print()} {# ${draw.pick(literals)} #}`],
    [
      2,
      () =>
        `{% if ${expression(draw, depth)} %}${body()}{% elif ${expression(draw, 1)} %}${body()}{% else %}x{% endif %}`,
    ],
    [
      3,
      () =>
        `{% for ${draw.pick(["x", "k, v", "a", "(p, (q, r))"])} in ${expression(draw, depth)}${draw.pick(["", "", " if x", " recursive"])} %}${body()}{{ ${draw.pick(["loop.index", "loop(x)", "x", "loop.cycle(1, 2)", "loop.changed(x)"])} }}{% endfor %}`,
    ],
    [2, () => `{%- set ${draw.pick(["a", "x", "ns.y", "p, q"])} = ${expression(draw, depth)} -%}${body()}`],
    [1, () => `{% set ns = namespace(y=1) %}{% set ns.y = ${expression(draw, 1)} %}{{ ns.y }}`],
    [
      1,
      () =>
        `{% macro m(p, q=${expression(draw, 1)}) %}${body()}{{ m(p) }}{% endmacro %}{{ m(${expression(draw, 1)}) }}`,
    ],
    [1, () => `{% filter ${draw.pick(filterNames)} %}${body()}{% endfilter %}`],
    [1, () => `{% with b = ${expression(draw, 1)} %}${body()}{% endwith %}`],
    [1, () => `{% raw %}${body()}{% endraw %}`],
    [
      1,
      () =>
        `{% ${draw.pick(["include", "import", "extends", "do", "break", "continue", "call", "block", "endfor", "else", "from 'a' import"])} ${expression(draw, 1)} %}`,
    ],
  ])();
}
