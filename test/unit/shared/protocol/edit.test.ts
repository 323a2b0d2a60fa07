import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdit, inverse, settle } from "../../../../shared/protocol/edit.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import type { JsonRecord } from "../../../../shared/protocol/json.ts";
import { type Edit, type Entry, emptySpec, type Spec } from "../../../../shared/protocol/spec.ts";

const empty = emptySpec(NodeId.parse("flash01"));
const entry = (resource: JsonRecord, state: Entry["state"] = "present", kind = "nvmet_subsystem"): Entry => ({
  kind,
  state,
  resource,
  owner: "task t",
});
const spec = (entries: Spec["entries"]): Spec => ({ ...empty, generation: 4, entries });
const edit = (set: Edit["set"]): Edit => ({ base: 4, generation: 5, set });

describe("an edit", () => {
  test("sets its keys, under its generation, and nothing else", () => {
    const before = spec({ a: entry({ nqn: "a" }), b: entry({ nqn: "b" }) });
    expect(applyEdit(before, edit({ b: entry({ nqn: "b2" }), c: entry({ nqn: "c" }) }))).toEqual({
      ...before,
      generation: 5,
      entries: { a: entry({ nqn: "a" }), b: entry({ nqn: "b2" }), c: entry({ nqn: "c" }) },
    });
  });
});

describe("what is kept of an edit that was reached", () => {
  test.each<[string, Edit["set"], Spec["entries"]]>([
    ["a tombstone has done its work", { a: entry({}, "absent") }, {}],
    [
      "a child's tombstone too",
      {
        a: entry({
          namespaces: [
            { nsid: 1, state: "absent" },
            { nsid: 2, state: "present" },
          ],
        }),
      },
      { a: entry({ namespaces: [{ nsid: 2, state: "present" }] }) },
    ],
    [
      "exclusive was for this time",
      { a: entry({ allowed_hosts: ["h"], exclusive: true }) },
      { a: entry({ allowed_hosts: ["h"] }) },
    ],
  ])("%s", (_, set, entries) => {
    expect(settle(applyEdit(spec({}), edit(set)), edit(set))).toMatchObject({ generation: 5, entries });
  });

  test("tombstones of others are not touched", () => {
    const other = spec({ a: entry({}, "absent") });
    const set = { b: entry({ nqn: "b" }) };
    expect(settle(applyEdit(other, edit(set)), edit(set)).entries).toEqual({ a: entry({}, "absent"), ...set });
  });
});

describe("the way back", () => {
  const before = spec({
    a: entry({ nqn: "a", allowed_hosts: ["h1"] }),
    p: entry({ address: "x" }, "present", "nvmet_port"),
  });

  test.each<[string, Edit["set"], Record<string, Entry>]>([
    ["of something new is its absence", { n: entry({ nqn: "n" }) }, { n: entry({ nqn: "n" }, "absent") }],
    [
      "of a change is what was",
      { a: entry({ nqn: "a", serial: "S", allowed_hosts: ["h1"] }) },
      { a: entry({ nqn: "a", allowed_hosts: ["h1"] }) },
    ],
    [
      "of a removal is what was",
      { a: entry({ nqn: "a" }, "absent") },
      { a: entry({ nqn: "a", allowed_hosts: ["h1"] }) },
    ],
    [
      "of more children is what was, and no more than that",
      { a: entry({ nqn: "a", allowed_hosts: ["h1", "h2"] }) },
      { a: entry({ nqn: "a", allowed_hosts: ["h1"], exclusive: true }) },
    ],
    [
      "of more children in a list that was not there, too",
      { a: entry({ nqn: "a", allowed_hosts: ["h1"], namespaces: [{ nsid: 1 }] }) },
      { a: entry({ nqn: "a", allowed_hosts: ["h1"], exclusive: true }) },
    ],
    [
      "of a kind that cannot be exclusive is what was",
      { p: entry({ address: "x", ana_groups: [{ id: 2 }] }, "present", "nvmet_port") },
      { p: entry({ address: "x" }, "present", "nvmet_port") },
    ],
    ["of the removal of what the spec never had is nothing", { z: entry({}, "absent") }, {}],
  ])("%s", (_, set, back) => {
    expect(inverse(before, edit(set))).toEqual(back);
  });

  test("taken, it leads to the spec from before, for any edit of plain fields", () => {
    const key = fc.constantFrom("a", "b", "c", "d");
    const some = fc.record({ nqn: fc.string() }).map((resource) => entry(resource));
    const anything = fc.dictionary(key, fc.oneof(some, fc.constant(entry({}, "absent"))));
    fc.assert(
      fc.property(fc.dictionary(key, some), anything, (entries, set) => {
        const start = spec(entries);
        const back = { ...edit(inverse(start, edit(set))), generation: start.generation };
        const done = settle(applyEdit(start, edit(set)), edit(set));
        expect(settle(applyEdit(done, back), back)).toEqual(start);
      }),
    );
  });
});
