import fc from "fast-check";
import { expect, test } from "vitest";
import { compileValue, variableLayer } from "../../../../controller/template/compiled-value.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileExpression, compileTemplate } from "../../../../controller/template/template.ts";
import type { Json } from "../../../../controller/template/value.ts";
import { FlashfleetError } from "../../../../shared/errors.ts";

const scope = new Scope([
  variableLayer({
    a: 1,
    b: "text",
    c: [1, "x", { y: null }],
    d: { e: { f: [true] } },
    loop: "{{ loop2 }}",
    loop2: "{{ loop }}",
  }),
]);

/** Runs it; anything thrown but an error of ours fails the property. */
function survives(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(FlashfleetError);
    expect((error as FlashfleetError).code).toBe("bad_template");
    expect((error as FlashfleetError).place).toMatch(/^\d+:\d+$/);
  }
}

const words = fc.constantFrom(
  ..."a b c d loop e f nobody omit 1 0 -1 2.5 'x' \"y\" '\\d+' '(' ( ) [ ] { } , : . | ~ + - * / // % ** == != < > <= >= = in not is and or if else true none".split(
    " ",
  ),
  ..."default join map select selectattr first last length list unique sort union int float bool replace split to_json from_json combine dict2items".split(
    " ",
  ),
  ..."regex_replace regex_search ternary sum min max flatten human_readable extract zip round defined match divisibleby subset range dict items get attribute".split(
    " ",
  ),
  "|join(",
  "|map('",
  "')",
  "}}",
  "{{",
  "{#",
  "#}",
  "{%",
  "__proto__",
  ".constructor",
  "[::-1]",
  "[0]",
);

test("no text makes the compiler or the evaluator fail with anything but an error of ours with a place", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words, { maxLength: 14 }).map((each) => `{{ ${each.join(" ")} }}`),
      ),
      (text) => {
        survives(() => compileTemplate(text).evaluate(scope));
        survives(() => compileExpression(text).holds(scope));
      },
    ),
    { numRuns: 3000 },
  );
});

test("no regular expression and no subject hangs or crashes", () => {
  const pieces = fc.array(
    fc.constantFrom(
      "a",
      "b",
      "(",
      ")",
      "|",
      "*",
      "+",
      "?",
      "{2}",
      "{1,}",
      "[",
      "]",
      "^",
      "$",
      ".",
      "\\1",
      "\\b",
      "(?:",
      "(?=",
      "(?!",
      "(?P<n>",
      "-",
    ),
  );
  fc.assert(
    fc.property(pieces, fc.array(fc.constantFrom("a", "b", "-"), { maxLength: 40 }), (pattern, subject) => {
      const here = new Scope([variableLayer({ pattern: pattern.join(""), subject: subject.join("") })]);
      survives(() => compileTemplate("{{ subject | regex_replace(pattern, '<\\\\0>') }}").evaluate(here));
    }),
    { numRuns: 500 },
  );
});

test("our regular expressions find what JavaScript's find", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab|a)", "(?=b)", "^", "$", "\\b");
  const part = fc
    .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "{1,2}"))
    .map(([a, q]) => (/^(\^|\$|\\b|\(\?=)/.test(a) ? a : a + q));
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }),
      (pattern, subject) => {
        const [regex, text] = [pattern.join(""), subject.join("")];
        const here = new Scope([variableLayer({ regex, text })]);
        expect(compileTemplate("{{ text | regex_search(regex) }}").evaluate(here)).toBe(
          new RegExp(regex).exec(text)?.[0] ?? null,
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test("what holds no braces evaluates to itself", () => {
  const json = fc
    .jsonValue()
    .filter((value) => !JSON.stringify(value).includes("{{") && !/\{[%#]/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(json, (value) => {
      expect(compileValue(value as Json).evaluate(scope)).toEqual(value);
    }),
  );
});

test("to_json and from_json give back what went in", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const here = new Scope([
        { get: (name) => (name === "x" ? { valueIn: () => value as Json } : undefined), names: () => ["x"] },
      ]);
      // JSON has no negative zero.
      expect(compileTemplate("{{ x | to_json | from_json }}").evaluate(here)).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});
