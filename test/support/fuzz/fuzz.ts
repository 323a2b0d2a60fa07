import { Draw } from "../../contract/walks/draw.ts";
import { seeded } from "./seeded.ts";
import { shrunk } from "./shrink.ts";
import { watch } from "./watchdog.ts";

/** Texts by name: files of a project, or the words of a command line. */
export type Input = Readonly<Record<string, string>>;

/** A sort of input: how it is made, and what has to hold for it. */
export interface Sort {
  make(draw: Draw): Input;
  /** Throws what is wrong with how the input was taken. */
  judge(input: Input): void;
}

/** How many inputs of all sorts together; FLASHFLEET_FUZZ=1000000 for more. `.ci/run` takes 100,000. */
const total = Number(process.env.FLASHFLEET_FUZZ ?? 25_000);
/** Each input has a seed of its own, which follows from this one and its number. */
const seed = Number(process.env.FLASHFLEET_FUZZ_SEED ?? 20_261_122);
/** Milliseconds of one input. The interpreter's own budget ends it well before: what takes longer is not counted there. */
const alarm = 5_000;
/** Mistakes that are told at once. */
const mostTold = 5;

/** Milliseconds for the tests of a share of the inputs. */
export const fuzzTimeout = (share: number): number => Math.max(60_000, total * share * 20);

// Making an error costs in proportion to it, and readers of broken texts make many.
Error.stackTraceLimit = 5;

/** Takes a share of all the inputs. Throws what was wrong with some of them, each made as small as it stays wrong. */
export function fuzz({ make, judge }: Sort, share: number): void {
  const told = new Map<string, string>();
  const count = Math.ceil(total * share);
  using watched = watch(seed);
  for (let number = 0; number < count && told.size < mostTold; number++) {
    watched.reached(number);
    const input = make(new Draw(seeded(Math.imul(seed + number, 0x9e3779b1))));
    const wrong = wrongWith(judge, input);
    if (wrong === undefined || told.has(kindOf(wrong))) continue;
    const small = shrunk(input, (each) => kindOf(wrongWith(judge, each) ?? "") === kindOf(wrong));
    told.set(kindOf(wrong), `input ${number} of seed ${seed}: ${wrong}\n${shown(small)}`);
  }
  if (told.size > 0) throw new Error([...told.values()].join("\n\n"));
}

function wrongWith(judge: Sort["judge"], input: Input): string | undefined {
  const started = performance.now();
  try {
    judge(input);
    const millis = performance.now() - started;
    return millis > alarm ? `it takes ${Math.round(millis)} ms` : undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 4).join("\n") : String(error);
  }
}

/** The same mistake of two inputs: their own words, numbers and places differ. */
function kindOf(wrong: string): string {
  return wrong
    .replaceAll(/'[^']*'|"[^"]*"|\d+/g, "…")
    .split("\n")
    .slice(0, 2)
    .join("\n");
}

function shown(input: Input): string {
  return Object.entries(input)
    .map(([name, text]) => `${name}: ${JSON.stringify(text)}`)
    .join("\n");
}
