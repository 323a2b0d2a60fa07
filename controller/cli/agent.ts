/**
 * Runs the agent: the program beside this one, or its source. Neither imports the other, so that a node needs one file and
 * this program's bundle none of the agent's.
 */
export async function agent(argv: readonly string[]): Promise<void> {
  const sibling = import.meta.url.endsWith(".mjs") ? "./flashfleet-agent.mjs" : "../../agent/main.ts";
  const { pathname } = new URL(sibling, import.meta.url);
  process.argv = [process.argv[0] ?? "node", pathname, ...argv];
  await import(pathname);
}
