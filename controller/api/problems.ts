import type { ErrorData } from "../../shared/errors.ts";

/** Several mistakes, told at once. */
export class ManyProblems extends Error {
  override readonly name = "ManyProblems";
  readonly errors: readonly ErrorData[];

  constructor(errors: readonly ErrorData[]) {
    super(`${errors.length} problems`);
    this.errors = errors;
  }
}
