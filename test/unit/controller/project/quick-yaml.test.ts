import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readQuickYaml } from "../../../../controller/project/quick-yaml.ts";
import { parseYaml } from "../../../../controller/project/yaml.ts";
import type { YamlNode } from "../../../../controller/project/yaml-node.ts";

/** Without the ends of mappings, and the places of values that are not there, which nobody uses. */
function essence(node: YamlNode | undefined): unknown {
  if (node?.is === "scalar" && node.value === null && node.at === node.to) return null;
  if (node?.is !== "mapping") return node;
  const entries = node.entries.map(({ key, keyAt, value }) => ({ key, keyAt, value: essence(value) }));
  return { is: node.is, at: node.at, entries };
}

const often = <T>(usual: readonly T[], odd: readonly T[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
const key = often(
  ["a", "b", "c", "flash[01:04]", "db-1.x", "n:22", "x_y", "1", "null"],
  ["<<", "a b", "é", "- a", "'q'"],
);
const value = often(
  [
    ...[
      "",
      "",
      "1",
      "text",
      "two words",
      "'q # x'",
      '"q: y"',
      "{}",
      "{a: 1}",
      "{a: 1, b: 'x'}",
      "{ a: b c }",
      "10.0.0.1",
    ],
    ...["a:b", "yes", "~", "0644", "1_000", "a  b", "=", "{a: 1,}", "a-b", "x@y", "/dev/x", "1.50"],
  ],
  [
    ...[
      "-1",
      "- a",
      "a: b",
      "# only",
      "x#y",
      "[1]",
      "|",
      "*x",
      "&x y",
      "!t x",
      "'it''s'",
      '"\\n"',
      "a,b",
      "{a: }",
      "{a}",
    ],
    ...["%x", "@x", "é", "'a' b", "{a: 1} x", "---", "? a", "{a: b: c}", "> x", "a:", "{a: 1, a: 2}", "~x", "=y: z"],
  ],
);
const line = fc
  .tuple(
    fc.nat(2),
    key,
    often([": ", ": "], [" : ", ":  ", ""]),
    value,
    often(["", "", "", " # c"], ["  ", "\t", "\r"]),
  )
  .map(([indent, name, colon, text, end]) => `${"  ".repeat(indent)}${name}${text === "" ? ":" : colon}${text}${end}`);
const document = fc
  .array(
    fc.oneof(
      { weight: 30, arbitrary: line },
      {
        weight: 1,
        arbitrary: fc.constantFrom("", "  ", "# comment", "   # comment", "---", "...", "- a", "\t", "a:\r"),
      },
    ),
    { maxLength: 5 },
  )
  .map((lines) => lines.join("\n"));

describe("the quick way to read YAML", () => {
  test("reads what large inventories are made of", () => {
    const text =
      "---\nall:\n  hosts:\n    f[01:10]: {port: 4420, zone: 'a'}\n  # note\n  vars:\n    x: two words\n    y:\n";
    expect(readQuickYaml(text)).toBeDefined();
  });

  test("gives what the whole of YAML gives, or leaves it to that", () => {
    let quick = 0;
    fc.assert(
      fc.property(document, fc.constantFrom("", "\n", "\n\n"), (lines, end) => {
        const text = lines + end;
        const node = readQuickYaml(text);
        if (node === undefined) return;
        quick++;
        const { root, problems, warnings } = parseYaml("f", text, "bad_inventory", { isWhole: true });
        expect([problems, warnings]).toEqual([[], []]);
        expect(essence(node)).toEqual(essence(root));
      }),
      { numRuns: 20_000 },
    );
    expect(quick).toBeGreaterThan(200);
  });
});
