import { normalise } from "./normalise.ts";

/** One normalised line of a program's output. */
export interface Line {
  /** With `#2` and so on where the program says the same words again. */
  label: string;
  result: string;
  /** What there is of a line whose rest is not in the recording. */
  torn?: string;
}

/**
 * A message of the kernel that the console put into the middle of a program's line. In a list of messages, which a program
 * prints too, each stands behind a quote.
 */
const interruption = /(?<!\[['"]|, ['"])\[ *\d+\.\d{6}\] .*$/;
const kernelMessage = /^\[ *\d+\.\d{6}\] /;

interface ProgramLine {
  text: string;
  torn: boolean;
}

/**
 * The lines `T| label | result` of a recording, without whatever else was on the console. Where a message of the kernel
 * tore a line in two, it is whole again: the rest of it follows on the next line that is no message, unless the recording
 * was cut.
 */
export function programLines(text: string): ProgramLine[] {
  const lines: ProgramLine[] = [];
  for (const raw of text.split("\n").map((line) => line.replace(/\r$/, ""))) {
    const at = raw.indexOf("T| ");
    const last = lines.at(-1);
    const line = raw.replace(interruption, "");
    const torn = line !== raw;
    if (at >= 0) lines.push({ text: line.slice(at), torn });
    else if (last?.torn && !kernelMessage.test(raw)) lines.splice(-1, 1, { text: last.text + line, torn });
  }
  return lines;
}

/** Those lines, taken apart. */
export function linesOf(text: string): Line[] {
  const seen = new Map<string, number>();
  return programLines(text).map((line) => {
    const words = normalise(line.text.slice("T| ".length));
    const [name = "", ...rest] = words.split(" | ");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const whole = { label: count === 1 ? name : `${name} #${count}`, result: rest.join(" | ") };
    return line.torn ? { ...whole, torn: words } : whole;
  });
}

/** Where two outputs of one program differ. */
export interface Difference {
  label: string;
  /** Undefined: the line is missing there. */
  recorded: string | undefined;
  given: string | undefined;
}

/**
 * By label: a line that one side lacks is a difference, and so are two that say different things. Of a torn line counts what
 * there is of it.
 */
export function compare(recorded: readonly Line[], given: readonly Line[]): Difference[] {
  const mended = mend(recorded, given);
  const [left, right] = [mended, given].map((lines) => new Map(lines.map(({ label, result }) => [label, result])));
  const labels = new Set([...mended, ...given].map(({ label }) => label));
  return [...labels].flatMap((label) => {
    const difference = { label, recorded: left?.get(label), given: right?.get(label) };
    return difference.recorded === difference.given ? [] : [difference];
  });
}

/** Torn lines, each in the words of the first given one that begins so and is nowhere else. */
function mend(recorded: readonly Line[], given: readonly Line[]): Line[] {
  const whole = new Set(recorded.flatMap(({ label, torn }) => (torn === undefined ? [label] : [])));
  const left = given.filter(({ label }) => !whole.has(label));
  return recorded.map((line) => {
    const { torn } = line;
    if (torn === undefined) return line;
    const at = left.findIndex(({ label, result }) => `${label.replace(/ #\d+$/, "")} | ${result}`.startsWith(torn));
    return left.splice(at, at < 0 ? 0 : 1)[0] ?? line;
  });
}
