import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

// Libraries that were written as CommonJS call require, which an ES module does not have.
const banner = `import { createRequire as createRequireOfNode } from "node:module";
const require = createRequireOfNode(import.meta.url);`;

/**
 * Bundles a program of this folder, or another one, as what is shipped is bundled, and gives its path: with a loader of
 * TypeScript in it a process would show the loader's memory.
 */
export async function bundleProgram(name: string, entry = `test/bench/${name}.ts`): Promise<string> {
  const outfile = `${root}.cache/bench/${name}.mjs`;
  await build({
    entryPoints: [`${root}${entry}`],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    legalComments: "none",
    absWorkingDir: root,
    define: { FLASHFLEET_VERSION: JSON.stringify("bench") },
    banner: { js: banner },
  });
  return outfile;
}

/** Runs a bundled program in a process of its own and gives what it printed. Throws where it fails. */
export async function runFresh(program: string, task: unknown, nodeOptions: readonly string[] = []): Promise<unknown> {
  const child = spawn(process.execPath, ["--expose-gc", ...nodeOptions, program, JSON.stringify(task)], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed, [code, signal]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`${program} ended with ${signal ?? code}`);
  return JSON.parse(printed);
}
