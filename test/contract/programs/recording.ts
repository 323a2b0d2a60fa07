import { normalise } from "./normalise.ts";

/** One normalised line of a program's output. */
export interface Line {
  /** With `#2` and so on where the program says the same words again. */
  label: string;
  result: string;
}

/** The `T| label | result` lines of a recording, between whatever else was on the console. */
export function linesOf(text: string): Line[] {
  const seen = new Map<string, number>();
  return text.split("\n").flatMap((raw) => {
    const at = raw.indexOf("T| ");
    if (at < 0) return [];
    const [name = "", ...rest] = normalise(raw.slice(at + 3).replace(/\r$/, "")).split(" | ");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return [{ label: count === 1 ? name : `${name} #${count}`, result: rest.join(" | ") }];
  });
}

/** Where two outputs of one program differ. */
export interface Difference {
  label: string;
  /** Undefined: the line is missing there. */
  recorded: string | undefined;
  given: string | undefined;
}

/** By label: a line that one side lacks is a difference, and so are two that say different things. */
export function compare(recorded: readonly Line[], given: readonly Line[]): Difference[] {
  const [left, right] = [recorded, given].map((lines) => new Map(lines.map(({ label, result }) => [label, result])));
  const labels = new Set([...recorded, ...given].map(({ label }) => label));
  return [...labels].flatMap((label) => {
    const difference = { label, recorded: left?.get(label), given: right?.get(label) };
    return difference.recorded === difference.given ? [] : [difference];
  });
}
