import { describe, expect, test } from "vitest";
import type { Change } from "../../../../../controller/fleet/specs.ts";
import { aboutToChange, type Way, wayBack, withBefore } from "../../../../../controller/run/pair/before.ts";
import { NodeId } from "../../../../../shared/protocol/ids.ts";
import { type Entry, emptySpec, type Spec } from "../../../../../shared/protocol/spec.ts";

const flash01 = NodeId.parse("flash01");
const owner = "volume db01/data";
const subsystem = "nvmet_subsystem nqn.a";
const port = "nvmet_port tcp 10.0.0.1:4421";

function entry(kind: string, resource: Entry["resource"], state: Entry["state"] = "present"): Entry {
  return { kind, state, resource: { ...resource, state }, owner };
}

const exported = (...ports: number[]) => entry("nvmet_subsystem", { nqn: "nqn.a", ports });
const listening = entry("nvmet_port", { id: 1, address: "10.0.0.1", service_id: "4421" });

function specOf(entries: Record<string, Entry>): Spec {
  return { ...emptySpec(flash01), generation: 3, entries };
}

const change = (kind: Change["kind"], key: string, resource: Entry["resource"]): Change => ({
  kind,
  key,
  owner,
  resource: { ...resource, state: "present" },
});

describe("what an edit is about to change", () => {
  test.each<[string, Record<string, Entry>, Change, Record<string, Entry | null>]>([
    [
      "is nothing of an entry that says the same",
      { [port]: listening },
      change("nvmet_port", port, listening.resource),
      {},
    ],
    ["is that an entry was not there", {}, change("nvmet_port", port, listening.resource), { [port]: null }],
    [
      "is an entry as it was, where the edit adds to it",
      { [subsystem]: exported(1) },
      change("nvmet_subsystem", subsystem, { nqn: "nqn.a", ports: [2] }),
      { [subsystem]: exported(1) },
    ],
    [
      "is no host identity: that stays whatever becomes of the pair",
      {},
      change("nvme_host_identity", "nvme_host_identity node", {}),
      {},
    ],
  ])("%s", (_, entries, edit, before) => {
    expect(aboutToChange(specOf(entries), [edit])).toEqual(before);
  });

  test("is what it was before the first of several edits", () => {
    const first = withBefore({}, flash01, { [subsystem]: null });
    expect(withBefore(first, flash01, { [subsystem]: exported(1), [port]: listening })).toEqual({
      flash01: { [subsystem]: null, [port]: listening },
    });
  });
});

describe("the way back", () => {
  const now = specOf({ [subsystem]: exported(1, 2), [port]: listening });
  const before = { [subsystem]: exported(1), [port]: null };

  test.each<[string, Way, Spec, object[]]>([
    [
      "first has what was there again, beside what is new",
      "restore",
      now,
      [{ key: subsystem, resource: { ports: [1] } }],
    ],
    [
      "then takes away what is new of it",
      "reduce",
      now,
      [{ key: subsystem, resource: { ports: [1], exclusive: true, state: "present" }, exact: true }],
    ],
    ["last takes away what was not there", "remove", now, [{ key: port, resource: { state: "absent" }, exact: true }]],
    ["leaves out what never came to be", "remove", specOf({ [subsystem]: exported(1) }), []],
    ["leaves out what is as it was", "reduce", specOf({ [subsystem]: exported(1) }), []],
    ["brings back what is gone", "restore", specOf({}), [{ key: subsystem, resource: { ports: [1] } }]],
  ])("%s", (_, way, spec, changes) => {
    const made = wayBack(way, spec, before);
    expect(made).toHaveLength(changes.length);
    expect(made).toMatchObject(changes);
  });
});
