import { describe, expect, test } from "vitest";
import { Budget } from "../../../../controller/template/budget.ts";
import { variableLayer } from "../../../../controller/template/compiled-value.ts";
import { projectFiles } from "../../../../controller/template/file-templates.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { fileSettings } from "../../../../controller/template/settings.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import type { Json } from "../../../../controller/template/value.ts";
import { toErrorData } from "../../../../shared/errors.ts";

const files = {
  "templates/macros.j2": "{% macro line(key) %}{{ key }}={{ port }}\n{% endmacro %}\n",
  "templates/itself.j2": "{% include 'itself.j2' %}",
  "roles/app/templates/own.j2": "of the role",
};
const shared = [1];
const scope = new Scope(
  [variableLayer({ hosts: ["a", "b"], port: 4420, shared, name: "flash01", conf: { debug: true } })],
  projectFiles(files, ["roles/app", ""]),
);

function mistake(work: () => unknown): string {
  try {
    return `no mistake: ${JSON.stringify(work())}`;
  } catch (error) {
    const { code, message, hint, place } = toErrorData(error);
    expect(code).toBe("bad_template");
    return [place, message.replace(/^.*?: /, ""), hint].filter((part) => part !== undefined).join(" | ");
  }
}

const inFile = (text: string) =>
  projectFiles({ ...files, "x.j2": text }, ["roles/app", ""])
    .template("x.j2", fileSettings)
    .render(scope, new Budget());

test("what a task is told is data where its text looks like some", () => {
  const list = "[{% for h in hosts %}'{{ h }}'{% if not loop.last %}, {% endif %}{% endfor %}]";
  expect(compileTemplate(list).evaluate(scope)).toEqual(["a", "b"]);
  expect(compileTemplate("{% if conf.debug %}True{% endif %}").evaluate(scope)).toBe(true);
  expect(compileTemplate(list).render(scope)).toBe("['a', 'b']");
  expect(compileTemplate("[{{ name }}]\nport = {{ port }}\n").evaluate(scope)).toBe("[flash01]\nport = 4420\n");
});

test("files are found in the task's folders, the nearest first", () => {
  expect(inFile("{% include 'own.j2' %}")).toBe("of the role");
});

describe("a mistake in a statement has its place, and says what to write", () => {
  test.each<[string, string]>([
    ["a\n{% for h in hosts %}\n", "x.j2:2:1 | {% for %} is never closed | close it with {% endfor %}"],
    [
      "{% if port %}\n{% for h in hosts %}\n{% endif %}",
      "x.j2:3:1 | {% endif %} belongs to {% if %}, and none is open here | close {% for %} first: x.j2:2:1",
    ],
    ["{% if 1 %}{% else %}{% else %}{% endif %}", "x.j2:1:21 | {% else %} stands behind the {% else %} of {% if %}"],
    ["{% fro h in hosts %}", "x.j2:1:1 | there is no statement 'fro' | did you mean 'for'?"],
    [
      "{% extends 'base.j2' %}",
      "x.j2:1:1 | {% extends %} is not there | write what differs as variables or macros, and the common part as a file to {% include %}",
    ],
    ["{% for h hosts %}{% endfor %}", "x.j2:1:10 | expected 'in', got 'hosts'"],
    ["{% set x = %}", "x.j2:1:12 | expected an expression, got the end"],
    ["{% break %}", "x.j2:1:1 | {% break %} stands in no loop"],
    ["{% for h in hosts %}\n  {{ h.nme.x }}{% endfor %}", "x.j2:2:7 | text has no 'nme'"],
    ["{% for h in hosst %}{% endfor %}", "x.j2:1:13 | 'hosst' is undefined | did you mean 'hosts'?"],
    [
      "{% import 'macros.j2' as m %}\n{{ m.line('a') }}",
      "templates/macros.j2:1:35 | 'port' is undefined: an import sees no variables | write {% import … with context %}",
    ],
    [
      "{% from 'macros.j2' import lines %}{{ lines() }}",
      "x.j2:1:39 | the template templates/macros.j2 has no 'lines' | did you mean 'line'?",
    ],
    [
      "{% include 'none.j2' %}",
      "x.j2:1:1 | the project has no template 'none.j2': looked for roles/app/templates/none.j2, roles/app/none.j2, templates/none.j2, none.j2 | text files in templates/ beside the playbook or in its role are sent with it",
    ],
    ["{% macro m(a) %}{% endmacro %}\n{{ m(b=1) }}", "x.j2:2:4 | the macro 'm' has no argument 'b' | it has a"],
    ["{% macro m() %}{% endmacro %}{{ m }}", "x.j2:1:30 | the macro 'm' is no text | call it: with () behind its name"],
    [
      "{% set _ = shared.append(2) %}",
      "x.j2:1:18 | 'append' would change a list that comes from elsewhere: variables are shared | make a new one: {% set list = list + [item] %}, or begin with {% set list = list | list %}",
    ],
    [
      "{% set name.x = 1 %}",
      "x.j2:1:1 | 'name' is text, and only parts of a namespace can be set | begin with {% set name = namespace(x=…) %}",
    ],
    [
      "#jinja2: trim_block: True\nx",
      "x.j2:1:9 | trim_block: True: '#jinja2:' has no setting 'trim_block' | did you mean 'trim_blocks'?",
    ],
    [
      "{{ template_run_date | default('x') }}{{ lookup('pipe', 'date') }}",
      "x.j2:1:49 | the lookup 'pipe' reads what may be different tomorrow | run it as a task: command with register",
    ],
  ])("%s", (text, told) => {
    expect(mistake(() => inFile(text))).toBe(told);
  });

  test("nothing of a template stays behind for another host", () => {
    expect(inFile("{% set l = shared | list %}{% set _ = l.append(2) %}{{ l }}")).toBe("[1, 2]");
    expect(shared).toEqual([1]);
  });
});

describe("what goes on without end is stopped", () => {
  const tenThousand = "range(10000)";
  test.each<[string, string, string]>([
    ["loops in loops", `{% for a in ${tenThousand} %}{% for b in ${tenThousand} %}x{% endfor %}{% endfor %}`, "steps"],
    ["text that a loop makes", `{% for a in ${tenThousand} %}{{ 'x' * 9999 }}{% endfor %}`, "characters of text"],
    [
      "text that doubles",
      `{% set ns = namespace(t='x') %}{% for a in ${tenThousand} %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}`,
      "characters of text",
    ],
    [
      "a macro that calls itself",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "macros call each other more than",
    ],
    ["a file that includes itself", "{% include 'itself.j2' %}", "templates include each other more than"],
    ["a loop that calls itself", "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", "more than"],
    ["statements in statements", "{% if 1 %}".repeat(100), "nested more than"],
  ])("%s", (_, text, reason) => {
    const started = performance.now();
    expect(mistake(() => inFile(text))).toContain(reason);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("but a long list of hosts is not", () => {
    const hosts: Json = Array.from({ length: 10_000 }, (_, index) => ({
      name: `n${index}`,
      address: `10.0.0.${index}`,
    }));
    const here = new Scope([variableLayer({ hosts })]);
    const text =
      "{% for h in hosts if h.name is match('n') %}\n{{ loop.index }} {{ h.name }} {{ h.address }}\n{% endfor %}\n";
    expect(compileTemplate(text).render(here).split("\n")).toHaveLength(10_001);
  });
});
