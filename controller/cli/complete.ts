import { type Command, CommanderError } from "commander";
import { moduleNames, namesAt, schemaOf } from "../project/modules.ts";
import { createProgram } from "./commands.ts";
import { type Candidate, candidatesFor, type Ways } from "./complete-words.ts";
import { wordsOfLine } from "./completion-line.ts";
import { completionSources } from "./completion-sources.ts";
import { type Context, exitCodes } from "./context.ts";

/**
 * What a shell asks for at the tab key: `bash LINE POINT BREAKS`, or `zsh` or `fish` with `--` and the words up to the cursor. A
 * candidate a line, with what it is behind a tab; `:files` and the like have the shell look for itself. Says nothing of errors.
 */
export async function complete(context: Context, [shell = "", ...words]: readonly string[]): Promise<number> {
  const silent = { ...context, out: () => undefined, say: () => undefined };
  try {
    if (shell === "bash") {
      const [line = "", point = "0", breaks = ""] = words;
      const all = wordsOfLine(line.slice(0, Number(point)));
      const { candidates, way } = await find(silent, all.slice(1));
      const kept = keptByBash(all.at(-1) ?? "", breaks);
      print(
        context,
        way,
        candidates.map(({ value }) => value.slice(kept)),
      );
    } else {
      const { candidates, way } = await find(silent, words.slice(1));
      print(
        context,
        way,
        candidates.map(({ value, says }) => `${value}\t${says.replaceAll(/\s+/g, " ")}`),
      );
    }
  } catch (error) {
    // Who presses the tab key does not want to read; a mistake of ours is not hidden from tests by that.
    if (error instanceof CommanderError) return exitCodes.options;
  }
  return exitCodes.fine;
}

/** bash replaces only what stands behind the last of its separators; of `@` it takes the sign with it. */
function keptByBash(current: string, breaks: string): number {
  const places = [...breaks].map((each) => {
    if (each === "@") return current.lastIndexOf(each);
    return each === ":" || each === "=" ? current.lastIndexOf(each) + 1 : 0;
  });
  return Math.max(0, ...places);
}

async function find(context: Context, words: readonly string[]) {
  const program: Command = createProgram(context, () => async () => undefined);
  return candidatesFor(program, words, {
    ...completionSources(context),
    modules: () => moduleNames.map((value) => ({ value, says: "" })),
    fields: (module) => fieldsOf(module),
  });
}

function fieldsOf(module: string): Candidate[] {
  const name = moduleNames.find((each) => each === module.replace(/^ansible\.(builtin|legacy)\./, ""));
  return name === undefined ? [] : namesAt(schemaOf(name), []).map((field) => ({ value: `${field}=`, says: "" }));
}

function print({ out }: Context, way: Ways | undefined, lines: readonly string[]): void {
  out([...(way === undefined ? [] : [`:${way}`]), ...lines].map((line) => `${line}\n`).join(""));
}
