import { expect, test } from "vitest";
import { dump } from "../../../../controller/cli/ansible-json.ts";
import { banner } from "../../../../controller/cli/banner.ts";

test.each([
  ["TASK [x]", 79, 71],
  ["a".repeat(90), 79, 3],
  ["漢字 ü", 79, 73],
  [" trimmed ", 79, 72],
])("a banner of '%s' within %d characters has %d stars", (text, width, stars) => {
  expect(banner(text, width)).toBe(`\n${text.trim()} ${"*".repeat(stars)}\n`);
});

test.each([
  [{ b: [1, { d: null, c: true }], a: "ü\n" }, '{"a": "ü\\n", "b": [1, {"c": true, "d": null}]}'],
  [[], "[]"],
  [{}, "{}"],
])("%j is printed as Ansible does", (value, text) => {
  expect(dump(value)).toBe(text);
  expect(JSON.parse(dump(value, 4))).toEqual(value);
});
