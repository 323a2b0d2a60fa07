import type { Context } from "../../controller/cli/context.ts";
import type { Environment } from "../../controller/config.ts";
import { type Answer, flashfleet } from "./cli.ts";

/** A command that is under way in this process. */
export interface RunningCommand {
  answer: Promise<Answer>;
  /** Resolves once this was written to stdout or stderr; rejects where the command ends without it. */
  says(text: string): Promise<void>;
  /** Ctrl-C. */
  interrupt(): void;
}

export function begin(
  environment: Environment,
  argv: readonly string[],
  { answer }: { answer?: Context["answer"] } = {},
): RunningCommand {
  const stop = new AbortController();
  let text = "";
  const waiting: { wanted: string; resolve: () => void }[] = [];
  const take = (more: string) => {
    text += more;
    for (const { wanted, resolve } of waiting) if (text.includes(wanted)) resolve();
  };
  const done = flashfleet(environment, argv, { stop: stop.signal, onOut: take, onSay: take, answer });
  return {
    answer: done,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        waiting.push({ wanted, resolve });
        void done.then(() => reject(new Error(`it ended without '${wanted}': ${text}`)));
        take("");
      }),
    interrupt: () => stop.abort(),
  };
}

/** The id of the newest run. */
export async function newestRun(environment: Environment): Promise<string> {
  const [run] = (await flashfleet(environment, ["runs", "-o", "json"])).lines();
  return String(run?.run);
}
