import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../../controller/project/load-project.ts";
import { errorCodes } from "../../../shared/errors.ts";
import { named, pages, read, root, section } from "../../support/pages.ts";

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
    const isPlay = /^\s*(hosts|pair):/m.test(text);
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
    const others = ["kernel_module", "kernel_version", "address_family", "data_digest", "key_version"];
    expect([...fields].filter((name) => like.test(name) && !known.has(name) && !others.includes(name))).toEqual([]);
  });
});
