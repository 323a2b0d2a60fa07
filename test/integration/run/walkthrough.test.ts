import { describe, expect, test } from "vitest";
import { recapOf } from "../../support/cli.ts";
import { dhchapKey, locked, removal, startFleet, walkthrough } from "../../support/fleet.ts";
import { renderTree } from "../../support/render-tree.ts";

describe("the walkthrough", () => {
  test("x", async () => {
    await using fleet = await startFleet();
    for (const args of [
      ["plan", walkthrough],
      ["run", walkthrough],
      ["run", walkthrough],
      ["health"],
      ["plan", removal],
      ["run", removal, "-D"],
      ["health"],
      ["plan", locked, "-e", `dhchap_key=${dhchapKey}`],
      ["run", locked, "-e", `dhchap_key=${dhchapKey}`, "-D"],
      ["health"],
      ["health", "-o", "json"],
      ["run", removal, "-D"],
      ["exec", "all", "command", "uname -r"],
      ["nodes"],
      ["runs"],
    ]) {
      const a = await fleet.cli(...args);
      process.stderr.write(`$ ${args.join(" ")}\n${a.out}${a.err}=> ${a.code}\n`);
    }
  });
});
