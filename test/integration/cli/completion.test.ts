import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { newestRun } from "../../support/running-command.ts";
import { installCommand, openTerminal, whyNot } from "../../support/terminal.ts";

const run = promisify(execFile);

let fleet: TestFleet;
let environment: NodeJS.ProcessEnv;
let earlier = "";
beforeAll(async () => {
  fleet = await startFleet({
    nodes: { flash01: { label: "targets" }, flash02: { label: "targets" }, db07: { label: "initiators" } },
  });
  await fleet.cli("exec", "all", "ping");
  earlier = await newestRun(fleet.environment);
  const folder = join(fleet.directory, "work");
  await mkdir(join(folder, "plays"), { recursive: true });
  for (const name of ["site.yml", "plays/other.yaml", "plays/notes.txt", "hosts.ini"])
    await writeFile(join(folder, name), name === "hosts.ini" ? "[web]\nw1\nw2\n" : "");
  environment = {
    PATH: `${await installCommand(fleet.directory)}:${process.env.PATH}`,
    HOME: folder,
    LANG: "C.UTF-8",
    FLASHFLEET_DATA: fleet.data,
  };
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** What is typed, and what stands there after the tab key. */
const lines = (): [typed: string, completed: string][] => [
  ["flashfleet heal", "flashfleet health "],
  ["flashfleet run --detai", "flashfleet run --detai"],
  ["flashfleet plan --detai", "flashfleet plan --detailed-exitcode "],
  ["flashfleet vault encrypt-s", "flashfleet vault encrypt-string "],
  ["flashfleet runs -o j", "flashfleet runs -o json "],
  ["flashfleet runs --output=j", "flashfleet runs --output=json "],
  ["flashfleet exec d", "flashfleet exec db07 "],
  ["flashfleet drive w", "flashfleet drive wipe "],
  ["flashfleet drive wipe d", "flashfleet drive wipe db07 "],
  ["flashfleet explain flash01", "flashfleet explain flash01 "],
  ["flashfleet exec all kernel_m", "flashfleet exec all kernel_module "],
  ["flashfleet exec all -m kernel_m", "flashfleet exec all -m kernel_module "],
  ["flashfleet exec all kernel_module pa", "flashfleet exec all kernel_module parameters="],
  ["flashfleet nodes targets:!flash01:i", "flashfleet nodes targets:!flash01:initiators "],
  ["flashfleet run site.yml -l @fa", "flashfleet run site.yml -l @failed "],
  ["flashfleet run site.yml -l targets,@fa", "flashfleet run site.yml -l targets,@failed "],
  ["flashfleet run --limit targets,d", "flashfleet run --limit targets,db07 "],
  ["flashfleet run -i hosts.ini -l w", "flashfleet run -i hosts.ini -l w"],
  ["flashfleet run -i hosts.ini -l we", "flashfleet run -i hosts.ini -l web "],
  ["flashfleet run si", "flashfleet run site.yml "],
  ["flashfleet run plays/o", "flashfleet run plays/other.yaml "],
  ["flashfleet run plays/n", "flashfleet run plays/n"],
  ["flashfleet run -i ho", "flashfleet run -i hosts.ini "],
  [`flashfleet attach ${earlier.slice(0, 10)}`, `flashfleet attach ${earlier} `],
  ["flashfleet cancel 2", "flashfleet cancel 2"],
  ["flashfleet completion f", "flashfleet completion fish "],
];

/** Types lines into a shell, each with a tab behind it, and reads what stands there then. */
async function typeLines(shell: string, prepare: string): Promise<[string, string][]> {
  const terminal = openTerminal(shell, environment);
  terminal.type("PS1='READ''Y> '\n");
  await terminal.shows("READY> ");
  terminal.type(`cd; ${prepare}\n`);
  await terminal.shows("READY> ");
  const found: [string, string][] = [];
  for (const [typed] of lines()) {
    // Ctrl-U empties the line, Ctrl-T shows what it has come to.
    terminal.type(`\u0015${typed}\t\u0014`);
    const shown = await terminal.shows(/LINE\[[^\]]*\]/);
    found.push([typed, /LINE\[([^\]]*)\]$/.exec(shown)?.[1] ?? ""]);
  }
  terminal.type("\u0015exit\n");
  await terminal.ended;
  return found;
}

const noScript = whyNot("script", "bsdutils");
for (const reason of [noScript, whyNot("zsh", "zsh"), whyNot("fish", "fish")])
  if (reason !== undefined) process.stderr.write(`SKIPPED: completion in a shell: ${reason}\n`);

describe("the tab key completes commands, options, hosts, runs, modules and files", () => {
  test.skipIf(noScript !== undefined)(
    "in bash",
    async () => {
      const show = String.raw`bind -x '"\C-t": printf "LINE[%s]" "$READLINE_LINE"'`;
      const found = await typeLines("bash --norc --noprofile -i", `source <(flashfleet completion bash); ${show}`);
      expect(found).toEqual(lines());
    },
    180_000,
  );

  test.skipIf(noScript !== undefined || whyNot("zsh", "zsh") !== undefined)(
    "in zsh",
    async () => {
      const show = `show() { print -rn -- "LINE[$BUFFER]" }; zle -N show; bindkey '^T' show; bindkey '^U' kill-whole-line`;
      const prepare = `autoload -U compinit; compinit -D -u; unsetopt auto_menu list_ambiguous; ${show}; source <(flashfleet completion zsh)`;
      // It quotes what it would expand.
      const quoted = lines().map(([typed, completed]) => [
        typed,
        completed.replace("!f", typed === completed ? "!f" : "\\!f"),
      ]);
      expect(await typeLines("zsh -f -i", prepare)).toEqual(quoted);
    },
    180_000,
  );

  test.skipIf(whyNot("fish", "fish") !== undefined)(
    "in fish",
    async () => {
      const commands = lines().map(([typed]) => `echo "LINE[${typed}]"; complete -C "${typed}"`);
      const script = ["flashfleet completion fish | source", "cd", ...commands].join("\n");
      const { stdout } = await run("fish", ["--no-config", "-c", script], { env: environment });
      const found = stdout
        .split("LINE[")
        .slice(1)
        .map((part): [string, string] => {
          const [typed = "", rest = ""] = part.split(/\]\n/);
          const words = rest
            .split("\n")
            .flatMap((line) => line.split("\t")[0] ?? [])
            .filter((word) => word !== "");
          const [only] = words;
          if (words.length !== 1 || only === undefined) return [typed, typed];
          const before = typed.slice(0, typed.lastIndexOf(" ") + 1);
          return [typed, `${before}${only}${only.endsWith("=") ? "" : " "}`];
        });
      expect(found).toEqual(lines());
    },
    180_000,
  );
});
