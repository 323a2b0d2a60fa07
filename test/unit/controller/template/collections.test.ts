import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { Scope, valueLayer } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import { FlashfleetError } from "../../../../shared/errors.ts";
import { type CollectionAnswer, collectionAnswers } from "../../../support/collection-answers.ts";

const scope = new Scope([valueLayer({})]);

function evaluate(expression: string): unknown[] {
  try {
    return [compileTemplate(`{{ ${expression} }}`).evaluate(scope)];
  } catch (error) {
    if (error instanceof FlashfleetError) return [];
    throw error;
  }
}

function wrong(answers: readonly CollectionAnswer[]): string[] {
  return answers
    .filter(({ expression, answer }) => !isDeepStrictEqual(evaluate(expression), answer))
    .map(
      ({ expression, answer }) =>
        `${expression}: ${JSON.stringify(answer)}, not ${JSON.stringify(evaluate(expression))}`,
    );
}

describe("filters and tests of collections give what these gave", () => {
  const answers = collectionAnswers();
  const [grid, others] = [
    answers.filter(({ expression }) => expression.includes("ipaddr('")),
    answers.filter(({ expression }) => !expression.includes("ipaddr('")),
  ];

  test("ipaddr, asked everything of every sort of address", () => {
    expect(grid.length).toBeGreaterThan(1500);
    expect(wrong(grid)).toEqual([]);
  });

  test("all others", () => {
    expect(others.length).toBeGreaterThan(600);
    expect(wrong(others)).toEqual([]);
  });

  test("a size that a number cannot hold is refused, not rounded", () => {
    expect(() => compileTemplate("{{ '2001:db8::/64' | ipaddr('size') }}").evaluate(scope)).toThrow(
      "the size of the network has more than 53 bits: 18446744073709551616",
    );
  });
});
