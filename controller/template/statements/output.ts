import { type Budget, mostText } from "../budget.ts";
import { Refusal } from "../value.ts";

/** The text that a template makes, piece by piece; each piece is paid for. */
export class Output {
  readonly #budget: Budget;
  #text = "";

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  add(piece: string): void {
    this.#budget.spendText(piece.length);
    if (this.#text.length + piece.length > mostText)
      throw new Refusal(`it makes more than ${mostText} characters of text`);
    this.#text += piece;
  }

  get text(): string {
    return this.#text;
  }
}
