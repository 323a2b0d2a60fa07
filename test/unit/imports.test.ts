import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

const root = new URL("../../", import.meta.url);

interface Import {
  specifier: string;
  /** `import type`: gone when the program runs. */
  isType: boolean;
}

interface Module {
  path: string;
  imports: Import[];
}

const statement = /\b(?:import|export)\s+(type\s+)?(?:[^"';]*?\bfrom\s*)?"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"\s*\)/g;

function readModule(path: string): Module {
  const text = readFileSync(new URL(path, root), "utf8");
  const imports = [...text.matchAll(statement)].map(([, type, specifier, dynamic]) => ({
    specifier: specifier ?? dynamic ?? "",
    isType: type !== undefined,
  }));
  return { path, imports };
}

function modulesBelow(folder: string): Module[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readModule(`${folder}/${path.replaceAll("\\", "/")}`));
}

/** The path in the repository that a relative specifier means; undefined for packages and Node's own modules. */
function resolved({ path }: Module, { specifier }: Import): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return fileURLToPath(new URL(specifier, new URL(path, root))).slice(fileURLToPath(root).length);
}

/** `@nats-io/kv` of `@nats-io/kv/sub`, `zod` of `zod/mini`; undefined for what is no package. */
function packageOf({ specifier }: Import): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

const product = ["agent", "controller", "shared"].flatMap(modulesBelow);
const tests = modulesBelow("test");
const byPath = new Map([...product, ...tests].map((module) => [module.path, module]));
const isBelow = (path: string, ...folders: string[]) => folders.some((folder) => path.startsWith(`${folder}/`));

/** Every import of these modules that breaks a rule, as `from -> to`. */
function offenders(modules: readonly Module[], breaks: (module: Module, each: Import) => boolean): string[] {
  return modules.flatMap((module) =>
    module.imports.filter((each) => breaks(module, each)).map(({ specifier }) => `${module.path} -> ${specifier}`),
  );
}

describe("what the rules look at", () => {
  test("the rules see all modules, and resolve every relative import to one of them", () => {
    expect(product.length).toBeGreaterThan(250);
    expect(tests.length).toBeGreaterThan(50);
    expect(product.flatMap(({ imports }) => imports).length).toBeGreaterThan(1000);
    const lost = offenders([...product, ...tests], (module, each) => {
      const path = resolved(module, each);
      return path?.endsWith(".ts") === true && !byPath.has(path);
    });
    expect(lost).toEqual([]);
  });

  test("imports are written with the file's ending", () => {
    expect(offenders(product, (_, { specifier }) => specifier.startsWith(".") && !specifier.endsWith(".ts"))).toEqual(
      [],
    );
  });
});

describe("borders", () => {
  test("controller and agent never import each other", () => {
    const crosses = offenders(product, (module, each) => {
      const path = resolved(module, each) ?? "";
      return (
        (isBelow(module.path, "agent") && isBelow(path, "controller")) ||
        (isBelow(module.path, "controller") && isBelow(path, "agent"))
      );
    });
    expect(crosses).toEqual([]);
  });

  test("shared imports neither agent nor controller", () => {
    const shared = product.filter(({ path }) => isBelow(path, "shared"));
    expect(offenders(shared, (module, each) => isBelow(resolved(module, each) ?? "", "agent", "controller"))).toEqual(
      [],
    );
  });

  test("product code never imports test code or a test library", () => {
    const testLibraries = ["vitest", "fast-check"];
    const found = offenders(
      product,
      (module, each) => isBelow(resolved(module, each) ?? "", "test") || testLibraries.includes(packageOf(each) ?? ""),
    );
    expect(found).toEqual([]);
  });

  test("shared is free of Node's modules, but for the bus, the crypto of identity and the logger", () => {
    const shared = product.filter(({ path }) => isBelow(path, "shared") && !isBelow(path, "shared/bus"));
    const found = offenders(shared, ({ path }, { specifier }) => {
      if (!specifier.startsWith("node:") || path === "shared/logger.ts") return false;
      return !(isBelow(path, "shared/identity") && specifier === "node:crypto");
    });
    expect(found).toEqual([]);
  });

  test("an outside library is imported from one folder only", () => {
    const folders = new Map<string, Set<string>>();
    for (const { path, imports } of product) {
      for (const name of imports.flatMap((each) => packageOf(each) ?? [])) {
        // The second level is a room of the house: shared/bus, controller/cli.
        folders.set(name, (folders.get(name) ?? new Set()).add(path.split("/").slice(0, 2).join("/")));
      }
    }
    folders.delete("zod");
    expect(Object.fromEntries([...folders].map(([name, from]) => [name, [...from].sort()]))).toEqual({
      "@nats-io/jetstream": ["controller/store"],
      "@nats-io/kv": ["controller/store"],
      "@nats-io/transport-node": ["shared/bus"],
      commander: ["controller/cli"],
      picocolors: ["controller/cli"],
      pino: ["shared/logger.ts"],
      yaml: ["controller/project"],
    });
  });
});

describe("pure rooms", () => {
  const world = /^node:(fs|child_process|net|os|http|https|http2|tls|dgram|dns|worker_threads|process|readline)(\/|$)/;
  /** These reach the system, through its interface. */
  const throughTheSystem = ["agent/engine/guards.ts", "agent/engine/converge.ts"];

  /** How a module comes to a part of the world, import by import; undefined where it does not. */
  function wayToTheWorld(start: Module): string | undefined {
    const seen = new Set([start.path]);
    const waiting = [{ module: start, way: start.path }];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const { module, way } = at;
      for (const each of module.imports) {
        if (each.isType) continue;
        if (world.test(each.specifier)) return `${way} -> ${each.specifier}`;
        const next = byPath.get(resolved(module, each) ?? "");
        if (next === undefined || seen.has(next.path)) continue;
        seen.add(next.path);
        waiting.push({ module: next, way: `${way} -> ${next.path}` });
      }
    }
    return undefined;
  }

  test.each([
    ["agent/kinds/", 30],
    ["agent/engine/", 4],
    ["controller/template/", 25],
    ["controller/inventory/", 8],
    ["controller/project/", 15],
    ["controller/fleet/health.ts", 1],
    ["shared/nvme/", 8],
    ["shared/modules/", 8],
    ["shared/protocol/", 10],
  ])("%s reaches no file, process, socket or host, not even through others", (room, least) => {
    const inside = product.filter(({ path }) => path.startsWith(room) && !throughTheSystem.includes(path));
    expect(inside.length).toBeGreaterThanOrEqual(least);
    expect(inside.flatMap((module) => wayToTheWorld(module) ?? [])).toEqual([]);
  });

  test("the rule would see a way: the Linux system has one", () => {
    const linux = byPath.get("agent/system/linux/linux-system.ts");
    expect(linux === undefined ? undefined : wayToTheWorld(linux)).toContain("node:");
  });
});

test("there are no import cycles; a type alone may point back to the module that holds the thing", () => {
  const finished = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (module: Module) => {
    if (finished.has(module.path)) return;
    if (path.includes(module.path)) {
      cycles.push([...path.slice(path.indexOf(module.path)), module.path].join(" -> "));
      return;
    }
    path.push(module.path);
    for (const each of module.imports) {
      const next = each.isType ? undefined : byPath.get(resolved(module, each) ?? "");
      if (next !== undefined) visit(next);
    }
    path.pop();
    finished.add(module.path);
  };
  for (const module of product) visit(module);
  expect(cycles).toEqual([]);
});

describe("the bundles", () => {
  const Metafile = z.object({
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.object({ bytes: z.number() })),
  });
  let bundles: z.infer<typeof Metafile>[] = [];

  beforeAll(async () => {
    const { bundle } = await import(new URL("bundle.mjs", root).href);
    bundles = z.array(Metafile).parse(await bundle({ write: false }));
  });

  const bundleOf = (program: string) => {
    const found = bundles.find(({ outputs }) => Object.keys(outputs).includes(program));
    if (found === undefined) throw new Error(`nothing bundles ${program}`);
    const libraries = Object.keys(found.inputs).flatMap(
      (input) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? [],
    );
    return {
      bytes: found.outputs[program]?.bytes ?? Number.NaN,
      own: Object.keys(found.inputs).filter((input) => !input.includes("node_modules/")),
      libraries: [...new Set(libraries)].sort(),
    };
  };

  test("the agent's holds agent and shared, the few libraries it needs, and is below a megabyte", () => {
    const { bytes, own, libraries } = bundleOf("dist/flashfleet-agent.mjs");
    expect(own.filter((input) => !isBelow(input, "agent", "shared"))).toEqual([]);
    expect(own).toContain("agent/main.ts");
    // The NATS client, pino and zod, each with what it brings along.
    expect(libraries).toEqual([
      "@nats-io/nats-core",
      "@nats-io/nkeys",
      "@nats-io/nuid",
      "@nats-io/transport-node",
      "@pinojs/redact",
      "atomic-sleep",
      "on-exit-leak-free",
      "pino",
      "pino-std-serializers",
      "quick-format-unescaped",
      "safe-stable-stringify",
      "sonic-boom",
      "thread-stream",
      "tweetnacl",
      "zod",
    ]);
    expect(bytes).toBeLessThan(1_000_000);
  });

  test("the controller's holds no agent code", () => {
    expect(bundleOf("dist/flashfleet.mjs").own.filter((input) => !isBelow(input, "controller", "shared"))).toEqual([]);
  });
});
