import { describe, expect, test } from "vitest";
import { goalsOf, readableGoals, wantedOf } from "../../../../agent/engine/wanted.ts";
import type { Entry } from "../../../../shared/protocol/spec.ts";
import { entriesOf, specOf } from "../../../support/wanted.ts";

const known = entriesOf([{ nvmet_host: { nqn: "nqn.h" } }]);
const make = (kind: string, resource: Entry["resource"]): Entry => ({ kind, state: "present", resource, owner: "t" });
const newer = {
  "nvmet_zone z": make("nvmet_zone", { nqn: "z" }),
  "nvmet_port broken": make("nvmet_port", { address: "not an address" }),
};

describe("entries of a spec that a newer controller wrote", () => {
  test("fields that this agent does not know are left out", () => {
    const [goal] = goalsOf({ a: make("nvmet_host", { nqn: "nqn.h", colour: "red" }) });
    expect(goal).toEqual({
      kind: "nvmet_host",
      key: "a",
      state: "present",
      resource: { nqn: "nqn.h", state: "present" },
    });
  });

  test.each([
    [
      "a kind that this agent does not have",
      "nvmet_zone z",
      "cannot read entry nvmet_zone z: this agent has no kind nvmet_zone",
    ],
    [
      "a resource that it cannot read",
      "nvmet_port broken",
      "cannot read entry nvmet_port broken: address: an address is one word without commas",
    ],
  ] as const)("%s is refused where it is asked for", (_, key, message) => {
    expect(() => goalsOf({ [key]: newer[key] })).toThrow(message);
  });

  test("do not stand in the way of the others", () => {
    const { goals, unreadable } = readableGoals({ ...newer, ...known });
    expect(goals.map(({ key }) => key)).toEqual(["nvmet_host nqn.h"]);
    expect(unreadable).toMatchObject([
      { key: "nvmet_zone z", error: { code: "bad_message" } },
      { key: "nvmet_port broken" },
    ]);
    const spec = specOf([]);
    const wanted = wantedOf(goals, { ...spec, entries: { ...newer, ...known } });
    expect(wanted.goals("nvmet_host")).toHaveLength(1);
    expect(wanted.spec("nvmet_host")).toMatchObject([{ nqn: "nqn.h" }]);
    expect(wanted.spec("nvmet_port")).toEqual([]);
  });

  test("tombstones are goals, and no part of what the spec has", () => {
    const entries = entriesOf([{ nvmet_host: { nqn: "nqn.h", state: "absent" } }]);
    const wanted = wantedOf(goalsOf(entries), { ...specOf([]), entries });
    expect(wanted.goals("nvmet_host")).toMatchObject([{ state: "absent" }]);
    expect(wanted.spec("nvmet_host")).toEqual([]);
  });
});
