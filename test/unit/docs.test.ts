import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { usage } from "../../agent/config.ts";
import { HealthAnswer, NodeFacts, NodeSummary, RunRequest, RunSummary } from "../../controller/api/messages.ts";
import { createRoutes } from "../../controller/api/routes.ts";
import { exitCodes } from "../../controller/cli/context.ts";
import { createPaint } from "../../controller/cli/paint.ts";
import { main } from "../../controller/cli/program.ts";
import {
  fixedKeywords,
  ignoredKeywords,
  laterForPlays,
  laterForTasks,
  playKeywords,
  taskKeywords,
} from "../../controller/project/keywords.ts";
import { loadProject } from "../../controller/project/load-project.ts";
import { moduleNames, namesAt, schemaOf } from "../../controller/project/modules.ts";
import { RunEntry } from "../../controller/run/entry.ts";
import { buckets } from "../../controller/store/bucket.ts";
import { runStream } from "../../controller/store/store.ts";
import { filters } from "../../controller/template/filters/filters.ts";
import { tests } from "../../controller/template/tests.ts";
import { ErrorData, errorCodes } from "../../shared/errors.ts";
import { Facts } from "../../shared/protocol/facts.ts";
import { Heartbeat } from "../../shared/protocol/heartbeat.ts";
import { Hello, Welcome } from "../../shared/protocol/hello.ts";
import { NodeId, RunId } from "../../shared/protocol/ids.ts";
import { Order, OrderBody } from "../../shared/protocol/order.ts";
import { Reply } from "../../shared/protocol/reply.ts";
import { Report } from "../../shared/protocol/report.ts";
import { Edit, Entry, Spec } from "../../shared/protocol/spec.ts";
import { askKinds, controller, inboxOf, nodePrincipal, subjects } from "../../shared/protocol/subjects.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The text of a page below a heading, up to the next one of its level or above. */
function section(page: string, heading: string): string {
  const level = heading.split(" ")[0] ?? "#";
  const text = read(page);
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) return "";
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** What the first column of a text's tables names: `a`, `b` of "| `a`, `b` | … |". */
function rows(text: string): string[] {
  return [...text.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = ""]) => named(cell));
}

/** Everything in backticks. */
function named(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = ""]) => name);
}

const missing = (wanted: readonly string[], there: readonly string[]) => wanted.filter((each) => !there.includes(each));

describe("pages", () => {
  test("the pages of the map are there", () => {
    expect(pages).toEqual(
      expect.arrayContaining(
        ["adding-a-kind", "architecture", "errors", "operations", "performance", "playbooks", "protocol"].map(
          (name) => `docs/${name}.md`,
        ),
      ),
    );
  });

  test.each(pages)("every relative link of %s leads to a file, and to a heading of it", (page) => {
    const folder = page.includes("/") ? page.slice(0, page.lastIndexOf("/") + 1) : "";
    const broken = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page : new URL(file, `file:///${folder}`).pathname.slice(1);
      if (!existsSync(`${root}${path}`)) return [target];
      return anchor === undefined || anchors(path).includes(anchor) ? [] : [target];
    });
    expect(broken).toEqual([]);
  });

  test("paths of the repository that the pages name exist", () => {
    const paths = pages.flatMap((page) =>
      named(read(page))
        .filter((name) => /^(agent|controller|shared|test|docs|playbooks)\/[\w./-]*$/.test(name))
        .map((name) => ({ page, name })),
    );
    expect(paths.length).toBeGreaterThan(50);
    expect(paths.filter(({ name }) => !existsSync(`${root}${name}`))).toEqual([]);
  });

  test("functions that the walk through one task names are in the file beside them, or somewhere", () => {
    const sources = ["agent", "controller", "shared"]
      .flatMap((folder) =>
        readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
          .filter((path) => path.endsWith(".ts"))
          .map((path) => read(`${folder}/${path}`)),
      )
      .join("\n");
    const walk = section("docs/architecture.md", "## One task, end to end");
    const functions = named(walk).filter((name) => /^[a-z]+[A-Z]\w*$/.test(name));
    expect(functions.length).toBeGreaterThan(20);
    expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
  });

  test("nothing of the machine that they were written on is in them", () => {
    expect(pages.filter((page) => /\/work\/|\/tmp\/|\/root\//.test(read(page)))).toEqual([]);
  });
});

/** As GitHub makes them of headings. */
function anchors(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("playbooks in the repository and in the pages", () => {
  const fromPages = pages.flatMap((page) => [...read(page).matchAll(/playbooks\/[\w-]+\.yaml/g)].map(([path]) => path));
  const fromFolder = readdirSync(`${root}playbooks`)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `playbooks/${name}`);

  const mistakesOf = (path: string, text: string) => {
    const loaded = loadProject({ files: { [path]: text }, playbooks: [path], inventories: [] });
    return loaded.ok ? [] : loaded.errors;
  };

  test.each([...new Set([...fromPages, ...fromFolder])])("%s is there and loads", (path) => {
    expect(existsSync(`${root}${path}`) ? mistakesOf(path, read(path)) : "missing").toEqual([]);
  });

  const examples = pages.flatMap((page) =>
    [...read(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""], index) => ({ page, index, text })),
  );

  test.each(examples)("example $index of $page loads", ({ text }) => {
    if (/^all:/m.test(text)) {
      const loaded = loadProject({ files: { "inventory.yaml": text }, playbooks: [], inventories: ["inventory.yaml"] });
      expect(loaded).toMatchObject({ ok: true });
      return;
    }
    const isPlay = /^\s*hosts:/m.test(text);
    const whole = isPlay ? text : `- hosts: all\n  tasks:\n${text.replaceAll(/^/gm, "    ")}`;
    expect(mistakesOf("example.yaml", whole)).toEqual([]);
  });
});

describe("docs/errors.md", () => {
  test("has every error code and no other, alphabetically as in the code, each with a remedy", () => {
    const table = [...read("docs/errors.md").matchAll(/^\| `(\w+)` \| (.+) \| (.+) \|$/gm)];
    expect(table.map(([, code]) => code)).toEqual([...errorCodes].sort());
  });

  test("a code that another page names exists", () => {
    const known = new Set<string>(errorCodes);
    const like =
      /^(address|agent|bad|bus|call|controller|data|device|kernel|key|nats_server|node|not|stale|store)_[a-z]+$/;
    const fields = new Set(pages.flatMap((page) => (page === "docs/errors.md" ? [] : named(read(page)))));
    // Fields and kinds that are written like codes.
    const others = ["kernel_module", "address_family", "data_digest"];
    expect([...fields].filter((name) => like.test(name) && !known.has(name) && !others.includes(name))).toEqual([]);
  });
});

describe("docs/playbooks.md", () => {
  const page = "docs/playbooks.md";

  /** `ports`, `namespaces`, `namespaces.nsid`, … */
  function fieldsOf(schema: z.ZodType, path: readonly string[] = []): string[] {
    return namesAt(schema, path.flatMap((name) => [name, 0]).slice(0, path.length * 2)).flatMap((name) => [
      [...path, name].join("."),
      ...fieldsOf(schema, [...path, name]),
    ]);
  }

  test.each(moduleNames)("the section of %s has every field and no other", (name) => {
    const fields = fieldsOf(schemaOf(name));
    expect(fields.length).toBeGreaterThan(1);
    expect(rows(section(page, `### ${name}`)).sort()).toEqual(fields.sort());
  });

  test("nested fields are looked at", () => {
    expect(fieldsOf(schemaOf("nvmet_subsystem"))).toContain("namespaces.nsid");
    expect(fieldsOf(schemaOf("nvmet_port"))).toContain("referrals.port_id");
    expect(fieldsOf(schemaOf("nvme_connection"))).toContain("paths.host_interface");
  });

  test("has every keyword of plays and of tasks, and no other", () => {
    expect(rows(section(page, "## Play keywords")).sort()).toEqual([...playKeywords].sort());
    const ofTasks = section(page, "## Task keywords").split("\n### ")[0] ?? "";
    expect(rows(ofTasks).sort()).toEqual([...taskKeywords].sort());
  });

  test("names every keyword that is without effect, fixed, or not there yet", () => {
    const there = named(section(page, "## Task keywords"));
    expect(missing([...ignoredKeywords], there)).toEqual([]);
    const fixed = Object.entries(fixedKeywords).map(([keyword, [value]]) => `${keyword}: ${value}`);
    expect(missing(fixed, there)).toEqual([]);
    expect(missing([...Object.keys(laterForPlays), ...Object.keys(laterForTasks)], there)).toEqual([]);
  });

  test("names every filter and every test of expressions, and no other", () => {
    const text = section(page, "## Expressions");
    const list = (title: string) => named(new RegExp(`^\\*\\*${title}:\\*\\*(.*)$`, "m").exec(text)?.[1] ?? "").sort();
    expect(list("Filters")).toEqual(Object.keys(filters).sort());
    expect(list("Tests")).toEqual(Object.keys(tests).sort());
  });

  test("has every fact", () => {
    const text = section(page, "### Facts");
    expect(rows(text)).toEqual(Object.keys(Facts.shape).map((name) => `facts.${name}`));
    const { kernel, nvme, drives, addresses } = Facts.shape;
    const parts = [kernel, nvme, drives.element, addresses.element].flatMap((each) => Object.keys(each.shape));
    expect(missing(parts, named(text))).toEqual([]);
  });

  test("has every exit code", () => {
    const codes = [...section(page, "## Output and exit codes").matchAll(/^\| (\d+) \|/gm)].map(([, code]) =>
      Number(code),
    );
    expect(codes).toEqual(Object.values(exitCodes));
  });
});

describe("docs/protocol.md", () => {
  const page = "docs/protocol.md";
  const text = read(page);

  test("has every subject", () => {
    const node = NodeId.parse("a-node");
    const run = RunId.parse("a-run");
    const all = [
      subjects.call(node),
      subjects.heartbeat(node),
      ...askKinds.map((kind) => subjects.ask(node, kind)),
      subjects.run(run),
    ].map((subject) => subject.replace("a-node", "<node>").replace("a-run", "<run>"));
    const inboxes = [controller, nodePrincipal(node)].map(
      (principal) => `${inboxOf(principal).replace("a-node", "<node>")}.<uuid>.<n>`,
    );
    expect(rows(section(page, "## Subjects"))).toEqual([...all, ...inboxes]);
    const wildcards = [subjects.everyHeartbeat, ...askKinds.map(subjects.everyAsk), subjects.everyRun];
    expect(missing(wildcards, named(text))).toEqual([]);
  });

  /** Names of all fields, however deep; of unions those of every branch. Of an error docs/errors.md tells. */
  function fieldsIn(schema: unknown): string[] {
    if (schema === ErrorData) return [];
    if (schema instanceof z.ZodObject) {
      return Object.entries(schema.shape).flatMap(([name, field]) => [name, ...fieldsIn(field)]);
    }
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
      return fieldsIn(schema.unwrap());
    if (schema instanceof z.ZodArray) return fieldsIn(schema.element);
    if (schema instanceof z.ZodUnion) return schema.options.flatMap(fieldsIn);
    return [];
  }

  test.each([
    ["hello", Hello],
    ["welcome", Welcome],
    ["order", Order],
    ["order's body", OrderBody],
    ["reply", Reply],
    ["spec", Spec],
    ["entry", Entry],
    ["edit", Edit],
    ["report", Report],
    ["heartbeat", Heartbeat],
    ["run entry", RunEntry],
    ["node of the API", NodeSummary],
    ["facts of the API", NodeFacts],
    ["health of the API", HealthAnswer],
    ["run of the API", RunSummary],
    ["request for a run", RunRequest],
  ])("names every field of a %s", (_, schema) => {
    const fields = fieldsIn(schema);
    expect(fields.length).toBeGreaterThan(1);
    // `body.do` names a field too.
    const there = named(text).flatMap((name) => name.split("."));
    expect(missing(fields, there)).toEqual([]);
  });

  test("has every thing that an order can be for, and every sort of entry", () => {
    const orders = OrderBody.options.map((option) => option.shape.do.value);
    expect(missing(orders, rows(section(page, "## Orders")))).toEqual([]);
    const entries = RunEntry.options.map((option) => option.shape.is.value);
    expect(missing(entries, rows(section(page, "### Run stream")))).toEqual([]);
  });

  test("has the stream, every bucket and every route", () => {
    expect(named(text)).toContain(runStream);
    expect(rows(section(page, "### Buckets"))).toEqual(Object.values(buckets));
    const unused = new Proxy({}, {}) as Parameters<typeof createRoutes>[0];
    const routes = rows(section(page, "## HTTP API")).map((route) => route.replace(/\?.*$/, ""));
    expect(routes.sort()).toEqual(Object.keys(createRoutes(unused)).sort());
  });
});

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
});
