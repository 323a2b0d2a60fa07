import type { FlashfleetError } from "../../shared/errors.ts";
import type { Token } from "./lexer.ts";
import { type Source, syntaxError } from "./problem.ts";

/** A walk over tokens; behind the last one comes the end token for ever. */
export class TokenCursor {
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[this.#next + ahead] ?? this.#tokens.at(-1);
    return token ?? { is: "end", text: "", at: 0, to: 0 };
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  isOperator(text: string): boolean {
    const token = this.peek();
    return token.is === "operator" && token.text === text;
  }

  isName(text: string): boolean {
    const token = this.peek();
    return token.is === "name" && token.text === text;
  }

  takeOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.#next++;
    return true;
  }

  takeName(text: string): boolean {
    if (!this.isName(text)) return false;
    this.#next++;
    return true;
  }

  /** The error for a token that cannot stand here. */
  unexpected(wanted: string, token = this.peek()): FlashfleetError {
    const got = token.is === "end" ? "the end" : `'${token.text}'`;
    const hint = token.is === "operator" && token.text === "=" ? "a comparison is written '=='" : undefined;
    return syntaxError(this.#source, token.at, `expected ${wanted}, got ${got}`, hint);
  }

  problemAt(offset: number, reason: string, hint?: string): FlashfleetError {
    return syntaxError(this.#source, offset, reason, hint);
  }
}
