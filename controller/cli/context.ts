import { type ErrorData, FlashfleetError, renderError, toErrorData } from "../../shared/errors.ts";
import { ApiClient } from "../api/client.ts";
import { ManyProblems } from "../api/problems.ts";
import { apiSocket, dataDirectory, type Environment } from "../config.ts";
import { askHidden } from "./ask-hidden.ts";
import { askVisibly } from "./ask-visibly.ts";
import { createPaint, type Paint } from "./paint.ts";

/** What a command works with. Answers go to stdout, everything that is for people alone to stderr. */
export interface Context {
  environment: Environment;
  paint: Paint;
  out(text: string): void;
  say(text: string): void;
  /** Characters of a line of the terminal. */
  width: number;
  /** Whether a person sees stderr as it comes. */
  watched: boolean;
  /** Characters of a line there, as wide as it is now. */
  readonly columns: number;
  /** Asks a person for something that is not shown as it is typed; left out where there is nobody to ask. */
  ask?: ((question: string) => Promise<string>) | undefined;
  /** Asks a person what a run asks; undefined where nobody is there any more. Left out where there is nobody from the start. */
  answer?: ((question: string, how: AskOptions) => Promise<string | undefined>) | undefined;
  stop: AbortSignal;
}

export interface AskOptions {
  /** What is typed is not shown. */
  hidden: boolean;
  /** The question is settled otherwise. Rejects then. */
  signal: AbortSignal;
}

export interface CommonOptions {
  data?: string;
  output?: string;
}

export function createContext(environment: Environment, stop: AbortSignal): Context {
  return {
    environment,
    paint: createPaint(environment.colours),
    out: (text) => process.stdout.write(text),
    say: (text) => process.stderr.write(text),
    watched: process.stderr.isTTY === true,
    get columns() {
      return process.stderr.columns ?? 80;
    },
    width: Math.max(79, (process.stdout.columns ?? 80) - 1),
    ask: process.stdin.isTTY === true ? (question) => askHidden(question, stop) : undefined,
    answer: process.stdin.isTTY === true ? askVisibly : undefined,
    stop,
  };
}

export function clientOf(context: Context, { data }: CommonOptions): ApiClient {
  return new ApiClient(apiSocket(dataDirectory(data, context.environment)));
}

/** Whether people's text or JSON lines are wanted. Throws `bad_argument` for anything else. */
export function wantsJson({ output }: CommonOptions): boolean {
  if (output === undefined || output === "text") return false;
  if (output === "json") return true;
  throw new FlashfleetError("bad_argument", `there is no output format ${output}`, { hint: "formats: text, json" });
}

/** Ansible's exit codes, with a mistake in people's files told apart from an unreachable host. */
export const exitCodes = {
  fine: 0,
  error: 1,
  failed: 2,
  mistake: 3,
  unreachable: 4,
  options: 5,
  interrupted: 99,
} as const;

const mistakes = new Set(["bad_playbook", "bad_inventory", "bad_template"]);

/** Says what went wrong, all of it, and gives the exit code. */
export function report(error: unknown, context: Pick<Context, "say" | "out">, json: boolean): number {
  const errors: readonly ErrorData[] = error instanceof ManyProblems ? error.errors : [toErrorData(error)];
  for (const each of errors) {
    context.say(`ERROR! ${renderError(each)}\n`);
    if (json) context.out(`${JSON.stringify({ is: "error", ...each })}\n`);
  }
  const code = errors[0]?.code ?? "internal";
  if (mistakes.has(code)) return exitCodes.mistake;
  if (code === "bad_argument") return exitCodes.options;
  return exitCodes.error;
}
