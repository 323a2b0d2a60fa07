import type { Context } from "../../controller/cli/context.ts";
import { createPaint } from "../../controller/cli/paint.ts";
import { main } from "../../controller/cli/program.ts";
import type { Environment } from "../../controller/config.ts";

/** What a command came to: its exit code and all that it wrote. */
export interface Answer {
  code: number;
  /** stdout */
  out: string;
  /** stderr */
  err: string;
  /** stdout as JSON lines; throws where it is anything else. */
  lines(): Record<string, unknown>[];
}

interface Options {
  stop?: AbortSignal;
  /** Told of everything on stdout as it comes. */
  onOut?: (text: string) => void;
  /** Told of everything on stderr as it comes. */
  onSay?: (text: string) => void;
  /** Answers what the run asks. */
  answer?: Context["answer"];
}

/** The command line in this process, with what it writes caught. */
export async function flashfleet(
  environment: Environment,
  argv: readonly string[],
  { stop = new AbortController().signal, onOut = () => undefined, onSay = () => undefined, answer }: Options = {},
): Promise<Answer> {
  let out = "";
  let err = "";
  const code = await main(argv, {
    environment,
    paint: createPaint(false),
    out: (text) => {
      out += text;
      onOut(text);
    },
    say: (text) => {
      err += text;
      onSay(text);
    },
    width: 79,
    watched: false,
    columns: 80,
    answer,
    stop,
  });
  return { code, out, err, lines: () => jsonLines(out) };
}

export function jsonLines(text: string): Record<string, unknown>[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Host → counts, from the recap as people see it. */
export function recapOf(out: string): Record<string, Record<string, number>> {
  const [, recap = ""] = out.split(/PLAY RECAP \*+\n/);
  const rows = recap.split("\n").flatMap((line) => {
    const [, host, counts] = /^(\S+)\s+: (ok=.*)$/.exec(line) ?? [];
    if (host === undefined || counts === undefined) return [];
    const fields = counts
      .trim()
      .split(/\s+/)
      .map((field) => field.split("="));
    return [[host, Object.fromEntries(fields.map(([name, count]) => [name, Number(count)]))] as const];
  });
  return Object.fromEntries(rows);
}
