import { describe, expect, test } from "vitest";
import { usage } from "../../../agent/config.ts";
import { createPaint } from "../../../controller/cli/paint.ts";
import { main } from "../../../controller/cli/program.ts";
import { volumeStates } from "../../../controller/fleet/volume-health.ts";
import { missing, named, rows, section } from "../../support/pages.ts";

describe("docs/operations.md", () => {
  const page = "docs/operations.md";

  async function help(...words: string[]): Promise<string> {
    let text = "";
    await main([...words, "--help"], {
      environment: {
        data: undefined,
        natsServer: undefined,
        path: "",
        cache: "",
        colours: false,
        user: "tester@desk",
        XDG_STATE_HOME: undefined,
        FLASHFLEET_NATS_TOKEN: undefined,
      },
      paint: createPaint(false),
      out: (more) => {
        text += more;
      },
      say: () => undefined,
      width: 80,
      watched: false,
      columns: 80,
      stop: new AbortController().signal,
    });
    return text;
  }

  const commandsIn = (text: string) =>
    [...(text.split("\nCommands:\n")[1]?.split("\n\n")[0] ?? "").matchAll(/^ {2}([a-z]+)/gm)].map(
      ([, name = ""]) => name,
    );
  const optionsIn = (text: string) =>
    [...text.matchAll(/^ {2}(?:-(\w), )?--([\w-]+)/gm)].map(([, short, long = ""]) =>
      short === undefined || long === "help" ? `--${long}` : `-${short}, --${long}`,
    );

  test("has every command, and every option of each", async () => {
    const commands = commandsIn(await help());
    expect(commands).toEqual(expect.arrayContaining(["run", "plan", "exec", "health", "controller", "agent", "demo"]));
    const text = section(page, "## Commands");
    const documented = rows(text).map((row) => /^flashfleet (\w+)/.exec(row)?.[1] ?? "");
    expect(missing(commands, documented)).toEqual([]);
    const own = commands.filter((name) => name !== "agent" && name !== "help");
    const options = (await Promise.all(own.map((name) => help(name)))).flatMap(optionsIn);
    expect(options.length).toBeGreaterThan(20);
    expect(
      missing(
        [...new Set(options)].filter((option) => option !== "--help"),
        named(text),
      ),
    ).toEqual([]);
  });

  test("has every option of the agent", () => {
    const options = optionsIn(usage);
    expect(options).toContain("--token-file");
    expect(missing(options, named(section(page, "## Commands")))).toEqual([]);
  });

  test("explains every state of health", () => {
    expect(missing(["healthy", "degraded", "failed", "unknown"], rows(section(page, "## 3 a.m.")))).toEqual([]);
  });

  test("explains every state of a volume", () => {
    expect(missing(volumeStates, rows(section(page, "### Volumes")))).toEqual([]);
  });
});
