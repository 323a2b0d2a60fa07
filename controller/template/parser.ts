import type { Arguments, ComparisonOperator, Expression, FilterCall } from "./ast.ts";
import { filters } from "./filters/filters.ts";
import { comparisons, constants, isArithmetic, mostNesting, precedence, reserved } from "./grammar.ts";
import { knownName } from "./known-name.ts";
import type { Token } from "./lexer.ts";
import { refusedLookup } from "./lookups/lookups.ts";
import type { Source } from "./problem.ts";
import { tests } from "./tests.ts";
import { TokenCursor } from "./token-cursor.ts";

/** The expression that the tokens make up, all of them. */
export function parse(source: Source, tokens: readonly Token[]): Expression {
  const parser = new ExpressionParser(new TokenCursor(source, tokens));
  const expression = parser.several();
  parser.end();
  return expression;
}

/** A recursive descent over Jinja's levels; arithmetic climbs by precedence. Statements take expressions from it one by one. */
export class ExpressionParser {
  readonly #tokens: TokenCursor;
  #nesting = 0;

  constructor(tokens: TokenCursor) {
    this.#tokens = tokens;
  }

  /** Refuses what stands behind the expression. */
  end(): void {
    if (this.#tokens.peek().is !== "end") throw this.#tokens.unexpected("an operator or the end");
  }

  /** An expression, or several with commas between them: a tuple, which is a list here. */
  several({ conditional = true }: { conditional?: boolean } = {}): Expression {
    const item = () => (conditional ? this.expression() : this.#or());
    if (this.#tokens.peek().is === "end") throw this.#tokens.unexpected("an expression");
    const first = item();
    if (!this.#tokens.isOperator(",")) return first;
    const items = [first];
    while (this.#tokens.takeOperator(",") && this.#beginsValue()) items.push(item());
    return { is: "list", at: first.at, items };
  }

  /** Filters one behind the other, as `{% filter upper | trim %}` names them. */
  filters(): FilterCall[] {
    const calls = [this.#filter()];
    while (this.#tokens.takeOperator("|")) calls.push(this.#filter());
    return calls;
  }

  expression(): Expression {
    this.#nest();
    let result = this.#or();
    while (this.#tokens.takeName("if")) {
      const condition = this.#or();
      const otherwise = this.#tokens.takeName("else") ? this.expression() : undefined;
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
        result = this.#postfix({ is: "filter", of: result, ...this.#filter() });
      } else if (this.#tokens.takeName("is")) {
        result = this.#test(result);
      } else {
        return result;
      }
    }
  }

  #filter(): FilterCall {
    const { at } = this.#tokens.peek();
    const name = knownName(this.#tokens, "a filter's name", "filter", filters);
    return { at, name, arguments: this.#tokens.takeOperator("(") ? this.#arguments() : { positional: [], named: [] } };
  }

  #test(of: Expression): Expression {
    const negated = this.#tokens.takeName("not");
    const { at } = this.#tokens.peek();
    const name = this.#tokens.isName("in")
      ? this.#tokens.take().text
      : knownName(this.#tokens, "a test's name, as in 'is defined'", "test", tests);
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

  #beginsValue(): boolean {
    const { is, text } = this.#tokens.peek();
    return (
      this.#beginsOperand() || text === "not" || (is === "operator" && (text === "(" || text === "-" || text === "+"))
    );
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
      else if (this.#tokens.takeOperator("(")) of = this.#call(of);
      else return of;
    }
  }

  /** A call. A lookup that there is not shows before anything runs. */
  #call(of: Expression): Expression {
    const args = this.#arguments();
    const [first] = args.positional;
    if (of.is === "name" && ["lookup", "query", "q"].includes(of.name) && first?.is === "literal") {
      const refusal = refusedLookup(String(first.value));
      if (refusal !== undefined) throw this.#tokens.problemAt(first.at, refusal.message, refusal.hint);
    }
    return { is: "call", at: of.at, of, arguments: args };
  }

  #subscript(of: Expression, at: number): Expression {
    const parts: (Expression | undefined)[] = [undefined];
    while (!this.#tokens.takeOperator("]")) {
      if (this.#tokens.takeOperator(":")) parts.push(undefined);
      else if (parts.at(-1) === undefined) parts[parts.length - 1] = this.expression();
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
    const more: Partial<Record<"list" | "mapping", Expression>> = {};
    while (!this.#tokens.takeOperator(")")) {
      const after = this.#tokens.peek(1);
      if (more.list === undefined && more.mapping === undefined && this.#tokens.takeOperator("*"))
        more.list = this.expression();
      else if (more.mapping === undefined && this.#tokens.takeOperator("**")) more.mapping = this.expression();
      else if (this.#tokens.peek().is === "name" && after.is === "operator" && after.text === "=") {
        const name = this.#tokens.take().text;
        this.#tokens.take();
        named.push([name, this.expression()]);
      } else if (named.length > 0 || more.list !== undefined || more.mapping !== undefined)
        throw this.#tokens.unexpected("name=value behind the named arguments");
      else positional.push(this.expression());
      if (this.#tokens.takeOperator(",")) continue;
      if (!this.#tokens.isOperator(")")) throw this.#tokens.unexpected("',' or ')'");
    }
    return { positional, named, ...more };
  }

  #primary(): Expression {
    const token = this.#tokens.take();
    const { at, text } = token;
    if (token.is === "number") {
      const value = Number(text.replaceAll("_", ""));
      if (Number.isFinite(value)) return { is: "literal", at, value };
      throw this.#tokens.problemAt(at, `the number ${text.slice(0, 20)} is too large`);
    }
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
    const first = this.expression();
    if (this.#tokens.takeOperator(")")) return first;
    if (!this.#tokens.takeOperator(",")) throw this.#tokens.unexpected("')'");
    return { is: "list", at, items: [first, ...this.#items(")")] };
  }

  #items(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.#tokens.takeOperator(end)) {
      items.push(this.expression());
      if (!this.#tokens.takeOperator(",") && !this.#tokens.isOperator(end))
        throw this.#tokens.unexpected(`',' or '${end}'`);
    }
    return items;
  }

  #mapping(at: number): Expression {
    const entries: [Expression, Expression][] = [];
    while (!this.#tokens.takeOperator("}")) {
      const key = this.expression();
      if (!this.#tokens.takeOperator(":")) throw this.#tokens.unexpected("':'");
      entries.push([key, this.expression()]);
      if (!this.#tokens.takeOperator(",") && !this.#tokens.isOperator("}")) throw this.#tokens.unexpected("',' or '}'");
    }
    return { is: "mapping", at, entries };
  }
}
