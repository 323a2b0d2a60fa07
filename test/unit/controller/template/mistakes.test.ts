import { describe, expect, test } from "vitest";
import { compileValue, variableLayer } from "../../../../controller/template/compiled-value.ts";
import { hostVariables, Scope, valueLayer } from "../../../../controller/template/scope.ts";
import { compileExpression, compileTemplate } from "../../../../controller/template/template.ts";
import { toErrorData } from "../../../../shared/errors.ts";

const scope = new Scope([
  variableLayer({
    address: "10.0.0.1",
    a: "{{ b }}",
    b: "{{ a }}",
    ports: { tcp: 4420 },
    items: [1],
    deep: "{{ nobody }}",
    yes: "yes",
  }),
]);

function mistake(text: string) {
  try {
    return compileTemplate(text).evaluate(scope);
  } catch (error) {
    const { code, message, hint, place } = toErrorData(error);
    expect(code).toBe("bad_template");
    return [place, message, hint].filter((part) => part !== undefined).join(" | ");
  }
}

describe("a mistake in a template names its place, the reason and what was meant", () => {
  test.each([
    ["{{ adress }}", "1:4 | cannot evaluate {{ adress }}: 'adress' is undefined | did you mean 'address'?"],
    [
      "a\n b {{ ports.tpc }}",
      "2:12 | cannot evaluate b {{ ports.tpc }}: there is no 'tpc' in the mapping | did you mean 'tcp'?",
    ],
    [
      "{{ address | uper }}",
      "1:14 | cannot read the template {{ address | uper }}: there is no filter 'uper' | did you mean 'upper'?",
    ],
    [
      "{{ address is definde }}",
      "1:15 | cannot read the template {{ address is definde }}: there is no test 'definde' | did you mean 'defined'?",
    ],
    ["{{ address", "1:3 | cannot read the template {{ address: the '{{' is never closed | close it with '}}'"],
    [
      "{{ 'address }}",
      "1:4 | cannot read the template {{ 'address }}: the text that begins with ' never ends | close it with the same quote",
    ],
    ["{{ }}", "1:4 | cannot read the template {{ }}: expected an expression, got the end"],
    ["{{ 1 + }}", "1:8 | cannot read the template {{ 1 + }}: expected a value, got the end"],
    [
      "{{ a = 1 }}",
      "1:6 | cannot read the template {{ a = 1 }}: expected an operator or the end, got '=' | a comparison is written '=='",
    ],
    ["{{ a && b }}", "1:6 | cannot read the template {{ a && b }}: '&' has no meaning here | write 'and'"],
    ["{% if x %}y{% endif %}", "1:7 | cannot evaluate {% if x %}y{% endif %}: 'x' is undefined | did you mean 'a'?"],
    [
      "{{ a }}",
      "1:4 | cannot evaluate {{ a }}: the variable 'a' needs itself: a → b → a | a variable cannot be made of itself; give one of them another name",
    ],
    [
      "{{ 'x' + 1 }}",
      "1:4 | cannot evaluate {{ 'x' + 1 }}: '+' does not work on text and a number | join text with '~'",
    ],
    ["{{ items[3] }}", "1:9 | cannot evaluate {{ items[3] }}: there is no item 3: the list has 1"],
    ["{{ deep }}", "1:4 | cannot evaluate {{ deep }}: 'nobody' is undefined"],
    ["{{ nobody | mandatory('say who') }}", "1:13 | cannot evaluate {{ nobody | mandatory('say who') }}: say who"],
    ["{{ address.constructor }}", "1:11 | cannot evaluate {{ address.constructor }}: text has no 'constructor'"],
    ["{{ ports.__proto__ }}", "1:9 | cannot evaluate {{ ports.__proto__ }}: there is no '__proto__' in the mapping"],
    [
      "{{ ports.hasOwnProperty('tcp') }}",
      "1:9 | cannot evaluate {{ ports.hasOwnProperty('tcp') }}: a mapping has no method 'hasOwnProperty'",
    ],
    [
      "{{ lookup('env', 'HOME') }}",
      "1:11 | cannot read the template {{ lookup('env', 'HOME') }}: the lookup 'env' reads what may be different tomorrow | give the value as a variable: -e name=value",
    ],
    [
      "{{ items | join(',', sep='x') }}",
      "1:12 | cannot evaluate {{ items | join(',', sep='x') }}: 'join' has no argument 'sep' | it has d, attribute",
    ],
    [
      "{{ 'x' | regex_search('(') }}",
      "1:10 | cannot evaluate {{ 'x' | regex_search('(') }}: the regular expression '(' is wrong at character 2: a '(' is never closed",
    ],
  ])("%s", (text, told) => {
    expect(mistake(text)).toBe(told);
  });

  test("a condition that gives the text 'yes' is refused, since text is always true", () => {
    expect(() => compileExpression("yes").holds(scope)).toThrow("it gives the text 'yes', not true or false");
  });
});

describe("limits", () => {
  test.each([
    ["a text that is repeated without end", "{{ 'x' * 99999999999 }}"],
    ["a list that is repeated without end", "{{ [1] * 99999999999 }}"],
    ["a range without end", "{{ range(99999999999) }}"],
    [
      "ranges of ranges",
      "{{ range(999999) | map('string') | map('list') | map('join') | map('length') | sort | sum * range(999999) | sum }}",
    ],
    ["text that doubles", `{{ ('x' * 9999999)${".replace('x', 'xxxxxxxx')".repeat(9)} }}`],
    [
      "a regular expression that backtracks without end",
      `{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' | regex_search('^(a+)+$') }}`,
    ],
    ["a regular expression with too many loops", `{{ ('a' * 5000) | regex_search('a*a*a*a*a*a*b') }}`],
    [
      "a regular expression that repeats nothing",
      `{{ 'a' | regex_search('(?:(?:(?:(?:){1000}){1000}){1000}){1000}') }}`,
    ],
    ["parentheses without end", `{{ ${"(".repeat(1500)}1${")".repeat(1500)} }}`],
    ["signs without end", `{{ ${"-".repeat(1500)}1 }}`],
    ["more words than an expression may have", `{{ 1${" + 1".repeat(5000)} }}`],
  ])("%s is stopped", (_, text) => {
    expect(mistake(text)).toMatch(/cannot (evaluate|read the template) /);
  });

  test("a long sum within the limit is added up", () => {
    expect(mistake(`{{ 1${" + 1".repeat(900)} }}`)).toBe(901);
  });
});

describe("variables", () => {
  test("text in finished values is never a template", () => {
    const facts = new Scope([valueLayer({ said: "{{ secret }}" })]);
    expect(compileTemplate("{{ said }}").evaluate(facts)).toBe("{{ secret }}");
  });

  test("the nearest layer wins, and a template sees it from where it is used", () => {
    const group = variableLayer({ url: "tcp://{{ address }}", address: "group" });
    const host = variableLayer({ address: "host" });
    expect(compileTemplate("{{ url }}").evaluate(new Scope([host, group]))).toBe("tcp://host");
    expect(compileTemplate("{{ url }}").evaluate(new Scope([group]))).toBe("tcp://group");
  });

  test("another host's variables are evaluated in that host's scope", () => {
    const scopeOf = (host: string) => new Scope([variableLayer({ nqn: "{{ me }}-nqn", me: host })]);
    const hostvars = hostVariables(["i1", "i2"], scopeOf);
    const here = new Scope([valueLayer({ hostvars, groups: { initiators: ["i1", "i2"] } })]);
    const text = "{{ groups.initiators | map('extract', hostvars, ['nqn']) | list }}";
    expect(compileTemplate(text).evaluate(here)).toEqual(["i1-nqn", "i2-nqn"]);
  });

  test("omit leaves out the key and the item that evaluate to it", () => {
    const value = compileValue({ a: "{{ nobody | default(omit) }}", b: ["{{ 1 }}", "{{ omit }}"], c: { d: "x" } });
    expect(value.templates).toEqual([["a"], ["b", 0], ["b", 1]]);
    expect(value.evaluate(scope)).toEqual({ b: [1], c: { d: "x" } });
  });
});
