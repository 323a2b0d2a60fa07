import type { Expression } from "../ast.ts";
import { reserved } from "../grammar.ts";
import { ExpressionParser } from "../parser.ts";
import type { TokenCursor } from "../token-cursor.ts";
import type { Macro, Target } from "./ast.ts";

/** One `{% name … %}`, read from its words. */
export class Tag {
  readonly at: number;
  readonly name: string;
  readonly tokens: TokenCursor;
  readonly expressions: ExpressionParser;

  constructor(at: number, name: string, tokens: TokenCursor) {
    this.at = at;
    this.name = name;
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  /** Refuses words behind what the tag says. A colon at its end is Python's, and fine. */
  end(): void {
    this.tokens.takeOperator(":");
    if (this.tokens.peek().is !== "end") throw this.tokens.unexpected(`the end of {% ${this.name} %}`);
  }

  expression(): Expression {
    return this.expressions.expression();
  }

  /** An expression, or several; without `conditional` an `if` behind it is not its own. */
  several(conditional = true): Expression {
    return this.expressions.several({ conditional });
  }

  /** A name that something gets. */
  identifier(what: string): string {
    const token = this.tokens.take();
    if (token.is === "name" && !reserved.has(token.text)) return token.text;
    throw this.tokens.unexpected(what, token);
  }

  takeWord(word: string): boolean {
    return this.tokens.takeName(word);
  }

  /** Two words, both or none of them. */
  takeWords(first: string, second: string): boolean {
    const after = this.tokens.peek(1);
    if (!this.tokens.isName(first) || after.is !== "name" || after.text !== second) return false;
    this.tokens.take();
    this.tokens.take();
    return true;
  }

  takeSign(sign: string): boolean {
    return this.tokens.takeOperator(sign);
  }

  expectSign(sign: string): void {
    if (!this.tokens.takeOperator(sign)) throw this.tokens.unexpected(`'${sign}'`);
  }

  /** `a`, `a, b`, `(a, b)`, and for `set` also `namespace.name`. */
  target({ mayBePart = false }: { mayBePart?: boolean } = {}): Target {
    const { at } = this.tokens.peek();
    const first = this.#oneTarget(mayBePart);
    if (!this.tokens.isOperator(",")) return first;
    const items = [first];
    while (
      this.takeSign(",") &&
      (this.tokens.peek().is === "name" || this.tokens.isOperator("(")) &&
      !this.tokens.isName("in")
    )
      items.push(this.#oneTarget(false));
    return { is: "tuple", at, items };
  }

  #oneTarget(mayBePart: boolean): Target {
    const { at } = this.tokens.peek();
    if (this.takeSign("(")) {
      const inner = this.target();
      this.expectSign(")");
      return inner.is === "tuple" ? inner : { is: "tuple", at, items: [inner] };
    }
    const name = this.identifier("a name");
    if (!mayBePart || !this.takeSign(".")) return { is: "name", at, name };
    return { is: "part", at, of: name, name: this.identifier("a name behind the dot") };
  }

  /** `(a, b=1)` of a macro or a call; none where there is no parenthesis and there need be none. */
  parameters(areRequired: boolean): Macro["parameters"] {
    const parameters: { name: string; otherwise: Expression | undefined }[] = [];
    if (!areRequired && !this.tokens.isOperator("(")) return parameters;
    this.expectSign("(");
    while (!this.takeSign(")")) {
      if (parameters.length > 0) this.expectSign(",");
      const name = this.identifier("a parameter's name");
      const otherwise = this.takeSign("=") ? this.expression() : undefined;
      if (otherwise === undefined && parameters.at(-1)?.otherwise !== undefined)
        throw this.tokens.unexpected("a default, as the parameter before has one");
      parameters.push({ name, otherwise });
    }
    return parameters;
  }
}
