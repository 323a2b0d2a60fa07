import { expect, test } from "vitest";
import { loadProject } from "../../../../controller/project/load-project.ts";

const files = {
  "site.yml": `- hosts: all
  roles: [app]
  tasks:
    - block:
        - template: { src: loop.j2, dest: /etc/x }
    - template: { src: "{{ name }}.j2", dest: /etc/x }
    - template: { src: marks.j2, dest: /etc/x, block_start_string: "[%", block_end_string: "%]" }
    - template: { src: none.j2, dest: /etc/x }
`,
  "roles/app/tasks/main.yml": "- template: { src: own.j2, dest: '{{ where }}' }\n",
  "roles/app/templates/own.j2": "{{ a | uper }}\n",
  "templates/loop.j2": "a\n{% for x in y %}\n",
  "templates/marks.j2": "[% if x %]\n{% no statement %}\n[% endfi %]\n",
  "templates/unused.j2": "{% for %}",
};

test("what is wrong with template files that tasks name outright shows before the run, all at once", () => {
  const loaded = loadProject({ files, playbooks: ["site.yml"], inventories: [] });
  expect(
    loaded.ok ? [] : loaded.errors.map(({ place, message }) => `${place} ${message.replace(/^.*: /, "")}`),
  ).toEqual([
    "roles/app/templates/own.j2:1:8 there is no filter 'uper'",
    "templates/loop.j2:2:1 {% for %} is never closed",
    "templates/marks.j2:3:1 there is no statement 'endfi'",
  ]);
});
