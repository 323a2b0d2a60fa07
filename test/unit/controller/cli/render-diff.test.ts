import fc from "fast-check";
import { expect, test } from "vitest";
import { createPaint } from "../../../../controller/cli/paint.ts";
import { diffLines } from "../../../../controller/cli/render-diff.ts";
import type { Json } from "../../../../shared/protocol/json.ts";

const paint = createPaint(false);
const show = (before: Json, after: Json) => diffLines({ diff: { before, after } }, paint);

test("shows what was and what is, with three lines around it", () => {
  const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  const headers = { before_header: "/f (content)", after_header: "/f (content)" };
  expect(diffLines({ diff: { before, after: before.replace("5", "x"), ...headers } }, paint)).toBe(
    "--- before: /f (content)\n+++ after: /f (content)\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n",
  );
});

test.each<[string, Json, Json, string]>([
  ["a new file", "", "a\nb\n", "--- before\n+++ after\n@@ -0,0 +1,2 @@\n+a\n+b\n"],
  ["an emptied one", "a\n", "", "--- before\n+++ after\n@@ -1 +0,0 @@\n-a\n"],
  ["a newline at the end", "a", "a\n", "--- before\n+++ after\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"],
  [
    "permissions",
    { mode: "0644" },
    { mode: "0600" },
    '--- before\n+++ after\n@@ -1,3 +1,3 @@\n {\n-    "mode": "0644"\n+    "mode": "0600"\n }\n',
  ],
  ["nothing", "a\n", "a\n", ""],
])("%s", (_, before, after, shown) => {
  expect(show(before, after)).toBe(shown);
});

test("results without a diff show none", () => {
  expect([diffLines({}, paint), diffLines(null, paint), diffLines({ diff: "x" }, paint)]).toEqual(["", "", ""]);
});

/** As patch(1) does it; throws where what is there is not what the diff says. */
function patched(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const [, , ...lines] = diff.replaceAll("\n\\ No newline at end of file", "\\").match(/[^\n]*\n/g) ?? [];
  const done: string[] = [];
  let at = 0;
  for (const line of lines) {
    const [, start, count] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
    const text = line.slice(1).replace(/\\\n$/, "");
    if (start !== undefined) while (at < Number(start) - (count === "0" ? 0 : 1)) done.push(old[at++] ?? "");
    else if (line.startsWith("+")) done.push(text);
    else {
      if (old[at] !== text) throw new Error(`${JSON.stringify(old[at])} is not ${JSON.stringify(text)}`);
      if (line.startsWith(" ")) done.push(text);
      at++;
    }
  }
  return [...done, ...old.slice(at)].join("");
}

test("makes of the one text the other", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, show(before, after))).toBe(after);
    }),
    { numRuns: 500 },
  );
});
