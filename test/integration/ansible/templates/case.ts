import type { Json } from "../../../../controller/template/value.ts";

/** A template that Ansible and flashfleet are both asked for. */
export interface Case {
  template: string;
  /** A template file, or a text in a playbook: Ansible reads these by different rules. */
  is: "file" | "argument";
  /** What the action `template` is told. */
  settings: Readonly<Record<string, string | boolean>>;
}

/** What all templates see. */
export const variables: Readonly<Record<string, Json>> = {
  name: "flash01",
  n: 3,
  zero: 0,
  half: 0.5,
  nil: null,
  yes: true,
  no: false,
  empty: [],
  nothing: "",
  words: ["b", "A", "a", "c"],
  numbers: [5, 3, 8],
  pairs: [
    ["a", 1],
    ["b", 2],
  ],
  nested: [[1, 2], [3], []],
  text: "two\nlines",
  quoted: `it's "so"`,
  port: "{{ base + 1 }}",
  base: 4419,
  listing: "{{ words + ['z'] }}",
  host: { name: "flash02", ports: { tcp: 4420, rdma: 4421 }, tags: ["x", "y"] },
  drives: [
    { id: "b", size: 20, ok: true, parts: [{ n: 1 }, { n: 2 }] },
    { id: "a", size: 10, ok: false, parts: [] },
    { id: "c", size: 20, ok: true, parts: [{ n: 3 }] },
  ],
  ini: "key = {{ name }}",
};

export const file = (template: string, settings: Case["settings"] = {}): Case => ({ template, is: "file", settings });
export const argument = (template: string): Case => ({ template, is: "argument", settings: {} });
