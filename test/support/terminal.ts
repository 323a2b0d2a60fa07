import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";

/** A program in a pseudo terminal, as `script` of util-linux makes one. */
export interface Terminal {
  type(keys: string): void;
  /** Resolves with everything up to there, once it has been shown since the last time; rejects where the program ends before. */
  shows(wanted: string | RegExp): Promise<string>;
  /** Everything that was written to the terminal. */
  all(): string;
  /** The terminal goes away: its program is sent SIGHUP. */
  hangUp(): void;
  /** The program's exit code. */
  ended: Promise<number>;
}

/** Why there is no such program here; undefined where there is. */
export function whyNot(program: string, debian: string): string | undefined {
  const found = spawnSync(program, ["--version"], { encoding: "utf8", timeout: 60_000 });
  return found.status === 0 ? undefined : `there is no ${program}: apt-get install --no-install-recommends ${debian}`;
}

/** Runs a shell's command line in a terminal of 80 columns. */
export function openTerminal(line: string, environment: NodeJS.ProcessEnv): Terminal {
  const child: ChildProcess = spawn("script", ["-qefc", `stty cols 80 rows 24; exec ${line}`, "/dev/null"], {
    env: { ...environment, TERM: "xterm", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  let seen = 0;
  let hasEnded = false;
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const each of waiting) each();
  };
  child.stdout?.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    tell();
  });
  // What is typed when nobody reads any more.
  child.stdin?.on("error", () => undefined);
  const ended = once(child, "close").then(([code]) => {
    hasEnded = true;
    tell();
    return Number(code);
  });
  return {
    type: (keys) => void child.stdin?.write(keys),
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const rest = text.slice(seen);
          const found = typeof wanted === "string" ? rest.indexOf(wanted) : rest.search(wanted);
          if (found >= 0) {
            waiting.delete(look);
            const length = typeof wanted === "string" ? wanted.length : (wanted.exec(rest)?.[0].length ?? 0);
            seen += found + length;
            resolve(rest.slice(0, found + length));
          } else if (hasEnded) {
            waiting.delete(look);
            reject(new Error(`it ended without ${String(wanted)}: ${JSON.stringify(text)}`));
          }
        };
        waiting.add(look);
        look();
      }),
    all: () => text,
    hangUp: () => void child.kill("SIGKILL"),
    ended,
  };
}

/** Bundles the command into a directory, for shells that know programs by their names; gives the directory. */
export async function installCommand(directory: string): Promise<string> {
  const folder = join(directory, "bin");
  const { bundle } = await import(new URL("../../bundle.mjs", import.meta.url).href);
  await bundle({ to: folder });
  await symlink("flashfleet.mjs", join(folder, "flashfleet"));
  return folder;
}
