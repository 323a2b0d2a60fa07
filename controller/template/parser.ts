import type { Arguments, ArithmeticOperator, ComparisonOperator, Expression } from "./ast.ts";
import { filters } from "./filters/filters.ts";
import type { Token } from "./lexer.ts";
import type { Source } from "./problem.ts";
import { didYouMean } from "./suggest.ts";
import { tests } from "./tests.ts";
import { TokenCursor } from "./token-cursor.ts";

/** How tightly the arithmetic operators bind, loosest first, as in Jinja; all group to the left. */
const precedence: Readonly<Record<ArithmeticOperator, number>> = {
  "+": 1,
  "-": 1,
  "~": 2,
  "*": 3,
  "/": 3,
  "//": 3,
  "%": 3,
  "**": 4,
};
const comparisons = ["==", "!=", "<", "<=", ">", ">="] as const satisfies readonly ComparisonOperator[];
const reserved = new Set(["and", "or", "not", "in", "is", "if", "else"]);
const constants = new Map<string, null | boolean>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);
const mostNesting = 100;

function isArithmetic(text: string): text is ArithmeticOperator {
  return Object.hasOwn(precedence, text);
}

/** The expression that the tokens make up, all of them. */
export function parse(source: Source, tokens: readonly Token[]): Expression {
  return new Parser(source, tokens).whole();
}

/** A recursive descent over Jinja's levels; arithmetic climbs by precedence. */
class Parser {
  readonly #tokens: TokenCursor;
  #nesting = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    this.#tokens = new TokenCursor(source, tokens);
  }

  whole(): Expression {
    if (this.#tokens.peek().is === "end") throw this.#tokens.unexpected("an expression");
    const expression = this.#expression();
    if (this.#tokens.peek().is !== "end") throw this.#tokens.unexpected("an operator or the end");
    return expression;
  }

  #expression(): Expression {
    this.#nest();
    let result = this.#or();
    while (this.#tokens.takeName("if")) {
      const condition = this.#or();
      const otherwise = this.#tokens.takeName("else") ? this.#expression() : undefined;
      result = { is: "if", at: result.at, condition, value: result, otherwise };
    }
    this.#nesting--;
    return result;
  }

  #nest(): void {
    if (++this.#nesting > mostNesting)
      throw this.#tokens.problemAt(this.#tokens.peek().at, `it is nested more than ${mostNesting} deep`);
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#tokens.takeName("or")) left = { is: "or", at: left.at, left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#tokens.takeName("and")) left = { is: "and", at: left.at, left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    const { at } = this.#tokens.peek();
    let count = 0;
    while (this.#tokens.takeName("not")) count++;
    let result = this.#comparison();
    for (; count > 0; count--) result = { is: "not", at, of: result };
    return result;
  }

  #comparison(): Expression {
    const first = this.#arithmetic(1);
    const rest: { operator: ComparisonOperator; right: Expression }[] = [];
    for (let operator = this.#comparisonOperator(); operator !== undefined; operator = this.#comparisonOperator()) {
      rest.push({ operator, right: this.#arithmetic(1) });
    }
    return rest.length === 0 ? first : { is: "comparison", at: first.at, first, rest };
  }

  #comparisonOperator(): ComparisonOperator | undefined {
    const operator = comparisons.find((each) => this.#tokens.takeOperator(each));
    if (operator !== undefined) return operator;
    if (this.#tokens.takeName("in")) return "in";
    const after = this.#tokens.peek(1);
    if (!this.#tokens.isName("not") || after.is !== "name" || after.text !== "in") return undefined;
    this.#tokens.take();
    this.#tokens.take();
    return "not in";
  }

  #arithmetic(least: number): Expression {
    let left = this.#signed();
    for (;;) {
      const { is, text } = this.#tokens.peek();
      if (is !== "operator" || !isArithmetic(text) || precedence[text] < least) return left;
      this.#tokens.take();
      const right = this.#arithmetic(precedence[text] + 1);
      left = { is: "arithmetic", at: left.at, operator: text, left, right };
    }
  }

  /** `-x | abs` is `(-x) | abs`: filters come after the sign. */
  #signed(withFilters = true): Expression {
    const { at } = this.#tokens.peek();
    const sign = (["-", "+"] as const).find((each) => this.#tokens.takeOperator(each));
    let result: Expression;
    if (sign === undefined) result = this.#postfix(this.#primary());
    else {
      this.#nest();
      result = { is: "sign", at, sign, of: this.#signed(false) };
      this.#nesting--;
    }
    return withFilters ? this.#filtersAndTests(result) : result;
  }

  #filtersAndTests(first: Expression): Expression {
    let result = first;
    for (;;) {
      if (this.#tokens.takeOperator("|")) {
        const { at } = this.#tokens.peek();
        const name = this.#known("a filter's name", "filter", filters);
        const args = this.#tokens.takeOperator("(") ? this.#arguments() : { positional: [], named: [] };
        result = this.#postfix({ is: "filter", at, name, of: result, arguments: args });
      } else if (this.#tokens.takeName("is")) {
        result = this.#test(result);
      } else {
        return result;
      }
    }
  }

  #test(of: Expression): Expression {
    const negated = this.#tokens.takeName("not");
    const { at } = this.#tokens.peek();
    const name = this.#tokens.isName("in")
      ? this.#tokens.take().text
      : this.#known("a test's name, as in 'is defined'", "test", tests);
    let args: Arguments = { positional: [], named: [] };
    if (this.#tokens.takeOperator("(")) args = this.#arguments();
    else if (this.#beginsOperand()) args = { positional: [this.#postfix(this.#primary())], named: [] };
    return { is: "test", at, name, of, arguments: args, negated };
  }

  #beginsOperand(): boolean {
    const { is, text } = this.#tokens.peek();
    if (is === "name") return !reserved.has(text);
    return is === "text" || is === "number" || (is === "operator" && (text === "[" || text === "{"));
  }

  #postfix(first: Expression): Expression {
    let of = first;
    for (;;) {
      const { at } = this.#tokens.peek();
      if (this.#tokens.takeOperator(".")) {
        const token = this.#tokens.take();
        // `results.0.stdout`: the lexer reads `0` as a number.
        if (token.is === "number" && /^\d+$/.test(token.text)) {
          of = { is: "index", at, of, index: { is: "literal", at: token.at, value: Number(token.text) } };
        } else if (token.is === "name") of = { is: "attribute", at, of, name: token.text };
        else throw this.#tokens.unexpected("a name behind the dot", token);
      } else if (this.#tokens.takeOperator("[")) of = this.#subscript(of, at);
      else if (this.#tokens.takeOperator("(")) of = { is: "call", at: of.at, of, arguments: this.#arguments() };
      else return of;
    }
  }

  #subscript(of: Expression, at: number): Expression {
    const parts: (Expression | undefined)[] = [undefined];
    while (!this.#tokens.takeOperator("]")) {
      if (this.#tokens.takeOperator(":")) parts.push(undefined);
      else if (parts.at(-1) === undefined) parts[parts.length - 1] = this.#expression();
      else throw this.#tokens.unexpected("']'");
      if (parts.length > 3) throw this.#tokens.unexpected("']'");
    }
    const [from, to, step] = parts;
    if (parts.length > 1) return { is: "slice", at, of, from, to, step };
    if (from === undefined) throw this.#tokens.unexpected("an index", this.#tokens.peek(-1));
    return { is: "index", at, of, index: from };
  }

  #arguments(): Arguments {
    const positional: Expression[] = [];
    const named: [string, Expression][] = [];
    while (!this.#tokens.takeOperator(")")) {
      const after = this.#tokens.peek(1);
      if (this.#tokens.peek().is === "name" && after.is === "operator" && after.text === "=") {
        const name = this.#tokens.take().text;
        this.#tokens.take();
        named.push([name, this.#expression()]);
      } else if (named.length > 0) throw this.#tokens.unexpected("name=value behind the named arguments");
      else positional.push(this.#expression());
      if (this.#tokens.takeOperator(",")) continue;
      if (!this.#tokens.isOperator(")")) throw this.#tokens.unexpected("',' or ')'");
    }
    return { positional, named };
  }

  #primary(): Expression {
    const token = this.#tokens.take();
    const { at, text } = token;
    if (token.is === "number") return { is: "literal", at, value: Number(text.replaceAll("_", "")) };
    if (token.is === "text") {
      let value = text;
      while (this.#tokens.peek().is === "text") value += this.#tokens.take().text;
      return { is: "literal", at, value };
    }
    if (token.is === "name" && constants.has(text)) return { is: "literal", at, value: constants.get(text) ?? null };
    if (token.is === "name" && !reserved.has(text)) return { is: "name", at, name: text };
    if (token.is === "operator" && text === "(") return this.#parenthesis(at);
    if (token.is === "operator" && text === "[") return { is: "list", at, items: this.#items("]") };
    if (token.is === "operator" && text === "{") return this.#mapping(at);
    throw this.#tokens.unexpected("a value", token);
  }

  /** A grouped expression, or a tuple, which is a list here. */
  #parenthesis(at: number): Expression {
    if (this.#tokens.takeOperator(")")) return { is: "list", at, items: [] };
    const first = this.#expression();
    if (this.#tokens.takeOperator(")")) return first;
    if (!this.#tokens.takeOperator(",")) throw this.#tokens.unexpected("')'");
    return { is: "list", at, items: [first, ...this.#items(")")] };
  }

  #items(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.#tokens.takeOperator(end)) {
      items.push(this.#expression());
      if (!this.#tokens.takeOperator(",") && !this.#tokens.isOperator(end))
        throw this.#tokens.unexpected(`',' or '${end}'`);
    }
    return items;
  }

  #mapping(at: number): Expression {
    const entries: [Expression, Expression][] = [];
    while (!this.#tokens.takeOperator("}")) {
      const key = this.#expression();
      if (!this.#tokens.takeOperator(":")) throw this.#tokens.unexpected("':'");
      entries.push([key, this.#expression()]);
      if (!this.#tokens.takeOperator(",") && !this.#tokens.isOperator("}")) throw this.#tokens.unexpected("',' or '}'");
    }
    return { is: "mapping", at, entries };
  }

  /** The name of a filter or a test that there is, so that a wrong one shows before anything runs. */
  #known(what: string, sort: string, table: Readonly<Record<string, unknown>>): string {
    const { at } = this.#tokens.peek();
    const name = this.#dottedName(what);
    if (Object.hasOwn(table, name)) return name;
    throw this.#tokens.problemAt(at, `there is no ${sort} '${name}'`, didYouMean(name, Object.keys(table)));
  }

  /** A name with the collection before it, as in `ansible.builtin.to_json`: the last part counts. */
  #dottedName(what: string): string {
    let token = this.#tokens.take();
    if (token.is !== "name") throw this.#tokens.unexpected(what, token);
    while (this.#tokens.isOperator(".") && this.#tokens.peek(1).is === "name") {
      this.#tokens.take();
      token = this.#tokens.take();
    }
    return token.text;
  }
}
