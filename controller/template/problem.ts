import { FlashfleetError } from "../../shared/errors.ts";
import { Refusal } from "./value.ts";

/** Where an offset of a template's text lies in people's files, as `file:line:column`. */
export type PlaceOf = (offset: number) => string | undefined;

/** The place within the text itself, for a template that comes from no file. */
export function placeInText(text: string): PlaceOf {
  return (offset) => {
    const before = text.slice(0, offset).split("\n");
    return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };
}

/** A text with the way to its places: what every mistake needs to be told well. */
export interface Source {
  readonly text: string;
  readonly placeOf: PlaceOf;
}

/** The template in a message: of many lines the one that is meant. */
function shown({ text }: Source, offset: number): string {
  const from = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const own = text.slice(from, end < 0 ? undefined : end);
  const line = (own.trim() === "" ? text : own).trim().replaceAll(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 77)}…` : line;
}

/** A template that cannot be read. */
export function syntaxError(source: Source, offset: number, reason: string, hint?: string): FlashfleetError {
  return new FlashfleetError("bad_template", `cannot read the template ${shown(source, offset)}: ${reason}`, {
    hint,
    place: source.placeOf(offset),
  });
}

/**
 * A mistake of evaluation with its place; errors that have theirs already pass. Anything else is an expression that
 * exhausts the stack, the one thing that the language's limits cannot count.
 */
export function evaluationError(source: Source, offset: number, error: unknown): FlashfleetError {
  if (error instanceof FlashfleetError) return error;
  if (!(error instanceof Refusal || error instanceof RangeError)) throw error;
  const reason = error instanceof RangeError ? "it is too large or nested too deep" : error.message;
  return new FlashfleetError("bad_template", `cannot evaluate ${shown(source, offset)}: ${reason}`, {
    hint: error instanceof Refusal ? error.hint : undefined,
    place: (error instanceof Refusal ? error.place?.() : undefined) ?? source.placeOf(offset),
  });
}
