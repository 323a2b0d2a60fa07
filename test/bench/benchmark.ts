import { type ParseArgsConfig, parseArgs } from "node:util";

/** One measurement that people can repeat: `npm run bench -- NAME [options]`. */
export interface Benchmark {
  /** One line for the list. */
  says: string;
  /** Options and examples, for `--help`. */
  usage: string;
  /** Measures and prints. Throws an {@link OptionsError} where it cannot understand the options. */
  run(args: string[]): Promise<void>;
}

/** The command line cannot be understood; the message says why. */
export class OptionsError extends Error {}

/** The options of a benchmark. Throws an {@link OptionsError}. */
export function optionsOf<const O extends NonNullable<ParseArgsConfig["options"]>>(args: string[], options: O) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number of an option, from 1; the default where it was not given. Throws an {@link OptionsError}. */
export function countOf(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new OptionsError(`cannot use --${name} ${given}: it is a whole number from 1`);
  return count;
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
