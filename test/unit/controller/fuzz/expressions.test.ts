import { test } from "vitest";
import { Budget } from "../../../../controller/template/budget.ts";
import { variableLayer } from "../../../../controller/template/compiled-value.ts";
import { Scope, valueLayer } from "../../../../controller/template/scope.ts";
import { compileExpression, compileTemplate } from "../../../../controller/template/template.ts";
import { toJson } from "../../../../controller/template/text.ts";
import { type Json, Refusal, Undefined } from "../../../../controller/template/value.ts";
import type { Draw } from "../../../contract/walks/draw.ts";
import { expression, template } from "../../../support/fuzz/expressions.ts";
import { fuzz, fuzzTimeout, type Input } from "../../../support/fuzz/fuzz.ts";
import { errorsOf, expectGoodErrors, expectPlain, expectUnharmed } from "../../../support/fuzz/judge.ts";
import { mutated, rubbish } from "../../../support/fuzz/mutate.ts";

/** Steps for one input; what it makes is in proportion to them. */
const steps = 50_000;
const mostMade = 64 * steps;

const values = valueLayer({
  a: { b: [1, { c: "x" }] },
  list: ["1", "2", "3"],
  text: "a".repeat(40),
  number: 7,
  words: "one two  three",
  table: [
    { k: "b", n: 2 },
    { k: "a", n: [1] },
  ],
  hostvars: { h1: { a: 1 } },
  item: null,
});
/** Variables that are templates themselves, and need each other. */
const written = { deep: "{{ later }}", later: "{{ deep if missing else a }}", loop: "{{ loop }}" };
const variables = variableLayer(written, ([name], offset) => `${name}:1:${offset + 1}`);

function make(draw: Draw): Input {
  const text = () =>
    draw.chance(0.5) ? `{{ ${expression(draw, 1 + draw.upTo(3))} }}` : template(draw, 1 + draw.upTo(2));
  return draw.weighted<() => Input>([
    [5, () => ({ template: text() })],
    [4, () => ({ expression: expression(draw, 1 + draw.upTo(4)) })],
    [3, () => ({ template: mutated(text(), draw) })],
    [2, () => ({ expression: mutated(expression(draw, 3), draw) })],
    [1, () => ({ template: rubbish(draw) })],
  ])();
}

function judge(input: Input): void {
  const scope = new Scope([values, variables]);
  const text = input.expression ?? input.template ?? "";
  const errors = errorsOf(() => {
    if (input.expression !== undefined) {
      expectPlain(compileExpression(text).evaluate(scope));
      return [];
    }
    const json = evaluated(text, scope);
    expectPlain(json);
    if (JSON.stringify(json).length > mostMade) throw new Error("it makes more than it pays for");
    return [];
  });
  expectGoodErrors(errors, { text, ...written });
  expectUnharmed();
}

/** The template's value, with fewer steps than the product gives it. */
function evaluated(text: string, scope: Scope): Json {
  const budget = new Budget(steps);
  const value = compileTemplate(text).valueIn(scope, budget);
  try {
    return value instanceof Undefined ? null : toJson(value, budget);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const share = 0.43;

test(
  "whatever an expression says, it gives data, or what is wrong with its place",
  { timeout: fuzzTimeout(share) },
  () => fuzz({ make, judge }, share),
);
