import { describe, expect, test } from "vitest";
import { environmentOf } from "../../../../controller/run/environment.ts";
import { compileValue, variableLayer } from "../../../../controller/template/compiled-value.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import type { Json } from "../../../../controller/template/value.ts";

const scope = new Scope([variableLayer({ proxy: { http_proxy: "http://p", NO: "{{ name }}" }, name: "n1", none: [] })]);
const of = (...parts: Json[]) =>
  environmentOf({ environment: parts.map((part) => compileValue(part)), place: "p.yml:1:1" }, scope);

describe("the environment of a task", () => {
  test.each<[string, Json[], object | undefined]>([
    ["nothing", [], undefined],
    ["a list of nothing", ["{{ none }}"], undefined],
    ["a mapping", [{ A: "1" }], { A: "1" }],
    ["the nearer wins, the others stay", [{ A: "1", B: "2" }, { B: "3" }], { A: "1", B: "3" }],
    [
      "a template that gives a mapping",
      ["{{ proxy }}", { A: "{{ name }}" }],
      { http_proxy: "http://p", NO: "n1", A: "n1" },
    ],
    ["a template that gives a list", ["{{ [proxy, {'NO': 'x'}] }}"], { http_proxy: "http://p", NO: "x" }],
    ["values as Python writes them", [{ A: 1, B: true, C: null, D: 1.5 }], { A: "1", B: "True", C: "None", D: "1.5" }],
  ])("%s", (_, parts, expected) => {
    expect(of(...parts)).toEqual(expected);
  });

  test.each<[string, Json]>([
    ["it is no mapping", "A=1"],
    ["'A=B' is no name of a variable", { "A=B": "1" }],
    ["'' is no name of a variable", { "": "1" }],
  ])("%s", (reason, part) => {
    expect(() => of(part)).toThrow(`cannot use the environment of the task: ${reason}`);
  });
});
