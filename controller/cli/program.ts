import { CommanderError } from "commander";
import { agent } from "./agent.ts";
import { createProgram } from "./commands.ts";
import { complete } from "./complete.ts";
import { type Context, exitCodes, report } from "./context.ts";
import { withoutAliases } from "./habits.ts";

/** The command line. Gives the exit code: 0 fine, 1 error, 2 failed, 3 mistake in people's files, 4 unreachable, 5 options, 99 interrupted. */
export async function main(words: readonly string[], context: Context): Promise<number> {
  // The agent has options of its own.
  if (words[0] === "agent") {
    await agent(words.slice(1));
    return exitCodes.fine;
  }
  // What shells ask for at the tab key.
  if (words[0] === "complete") return complete(context, words.slice(1));
  const argv = withoutAliases(words);
  let code: number = exitCodes.fine;
  const program = createProgram(context, (work) => async (...args) => {
    code = await work(...args);
  });
  const json = argv.some(
    (word, index) =>
      word === "-ojson" ||
      word === "--output=json" ||
      (word === "json" && /^(-o|--output)$/.test(argv[index - 1] ?? "")),
  );
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.options;
    return report(error, context, json);
  }
}
