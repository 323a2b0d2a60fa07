import { createContext } from "./cli/context.ts";
import { main } from "./cli/program.ts";
import { readEnvironment } from "./config.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second time somebody means it.
    if (stop.signal.aborted) process.exit(99);
    stop.abort(new Error(signal));
  });
}
// What is said to nobody is no reason to stop.
process.stderr.on("error", () => undefined);
// `flashfleet facts | head` is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await main(process.argv.slice(2), createContext(readEnvironment(), stop.signal));
