// Bundles both programs into dist/: what `npm ci` runs (prepare), and nothing else builds.
import { readFileSync } from "node:fs";
import { chmod, mkdir, rm, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

// Libraries that were written as CommonJS call require, which an ES module does not have.
const banner = `import { createRequire as createRequireOfNode } from "node:module";
const require = createRequireOfNode(import.meta.url);`;

const programs = [
  { entry: "controller/main.ts", out: "flashfleet.mjs", shebang: true },
  { entry: "agent/main.ts", out: "flashfleet-agent.mjs", shebang: true },
];

/** The metafile of each program: what went into it, and how large it is. `write: false` leaves the directory as it is. */
export async function bundle({ write = true, to = "dist" } = {}) {
  const root = new URL(".", import.meta.url).pathname;
  const results = await Promise.all(
    programs.map(({ entry, out, shebang }) =>
      build({
        entryPoints: [entry],
        outfile: join(to, out),
        bundle: true,
        platform: "node",
        target: "node20",
        format: "esm",
        // The agent is copied to every node. A stack is told by the map beside it: node --enable-source-maps.
        minify: true,
        sourcemap: write,
        metafile: true,
        write,
        legalComments: "none",
        absWorkingDir: root,
        define: { FLASHFLEET_VERSION: JSON.stringify(version) },
        banner: { js: `${shebang ? "#!/usr/bin/env node\n" : ""}${banner}` },
      }),
    ),
  );
  if (write) await Promise.all(programs.map(({ out }) => chmod(resolve(root, to, out), 0o755)));
  return results.map(({ metafile }) => metafile);
}

/** npm links the commands of dependencies alone; `npx flashfleet` in a checkout means this one. */
async function linkCommand() {
  const commands = new URL("node_modules/.bin/", import.meta.url);
  const link = new URL("flashfleet", commands);
  await mkdir(commands, { recursive: true });
  await rm(link, { force: true });
  await symlink("../../dist/flashfleet.mjs", link);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await bundle();
  await linkCommand();
}
