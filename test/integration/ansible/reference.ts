import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const Hosts = z.object({
  hosts: z.array(z.string()).optional(),
  error: z.string().optional(),
  unmatched: z.array(z.string()),
});

/** What reference.py answers; `error` alone where Ansible refuses the inventory. */
const Answer = z.union([
  z.object({
    hosts: z.record(
      z.string(),
      z.object({ groups: z.array(z.string()), short: z.string(), variables: z.record(z.string(), z.unknown()) }),
    ),
    groups: z.record(
      z.string(),
      z.object({
        children: z.array(z.string()),
        direct: z.array(z.string()),
        hosts: z.array(z.string()),
        depth: z.number(),
      }),
    ),
    patterns: z.array(Hosts),
  }),
  z.object({ error: z.string() }),
]);
export type Answer = z.infer<typeof Answer>;

export interface Case {
  sources: readonly string[];
  patterns: readonly { pattern: string; limit: string | null }[];
}

/** What Ansible makes of each case. */
export async function askAnsible(cases: readonly Case[]): Promise<Answer[]> {
  return (await askProgram("reference.py", cases)).map((answer) => Answer.parse(answer));
}

/** What a Python program beside this file answers to each line of JSON, in one process: its start takes longer than hundreds of them. */
export async function askProgram(program: string, lines: readonly unknown[]): Promise<unknown[]> {
  // The interpreter of Debian's package, whichever comes first on the search path.
  const child = spawn("/usr/bin/python3", [fileURLToPath(new URL(program, import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stdin.end(lines.map((each) => `${JSON.stringify(each)}\n`).join(""));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}
