import { describe, expect, test } from "vitest";
import type { Leg, Pair, Volume } from "../../../../../controller/pairing/volume.ts";
import { exportChanges } from "../../../../../controller/run/pair/export-changes.ts";
import { NodeId } from "../../../../../shared/protocol/ids.ts";
import { type Entry, emptySpec, type Spec } from "../../../../../shared/protocol/spec.ts";

const flash01 = NodeId.parse("flash01");
const db01 = NodeId.parse("db01");
const db02 = NodeId.parse("db02");
const uuid = "5e5b1f4e-6b1d-4c43-9a53-0d6a4f0b3c11";
const leg: Leg = {
  target: flash01,
  device: "/dev/nvme0n1",
  cntlid: { min: 1, max: 65_519 },
  ports: [{ id: 1, address: "10.0.0.1", service_id: "4421" }],
  ana: "optimized",
};
const pair = (initiator: NodeId, hostnqn: string): Pair => ({ initiator, ready: true, hostnqn });
const volume: Volume = {
  v: 1,
  volume: "share:data",
  name: "data",
  drive: "eui.1",
  size: 1e9,
  why: { is: "named" },
  at: 0,
  nqn: "nqn.v",
  nsid: 1,
  uuid,
  nguid: uuid.replaceAll("-", ""),
  serial: "s",
  transport: "tcp",
  backing: "single",
  authentication: "dhchap",
  keyVersion: 1,
  legs: [leg],
  connect: {},
  pairs: [],
};
const keys = { dhchap_key: { secret: "k", version: "1" } };

function specOf(entries: Record<string, Entry>): Spec {
  return { ...emptySpec(flash01), entries };
}

const exported = (...hosts: string[]): Record<string, Entry> => ({
  "nvmet_subsystem nqn.v": {
    kind: "nvmet_subsystem",
    state: "present",
    owner: "volume share:data",
    resource: { nqn: "nqn.v", allowed_hosts: hosts, state: "present" },
  },
});

const subsystemOf = (spec: Spec, pairs: Pair[]) =>
  exportChanges(spec, { volume, leg, hostnqn: "nqn.db01", keys, pairs }).find(({ kind }) => kind === "nvmet_subsystem")
    ?.resource;

describe("what a target is told of a volume", () => {
  test("adds its host to the others of the same volume", () => {
    const resource = subsystemOf(specOf(exported("nqn.db02")), [pair(db01, "nqn.db01"), pair(db02, "nqn.db02")]);
    expect(resource).toMatchObject({ allowed_hosts: ["nqn.db01"] });
    expect(resource).not.toHaveProperty("exclusive");
  });

  test("takes a host out that is none of its initiators' any more: one was made anew, with another NQN", () => {
    const pairs = [pair(db01, "nqn.db01"), pair(db02, "nqn.db02")];
    expect(subsystemOf(specOf(exported("nqn.old", "nqn.db02")), pairs)).toMatchObject({
      allowed_hosts: ["nqn.db02", "nqn.db01"],
      exclusive: true,
      namespaces: [{ nsid: 1, uuid }],
      ports: [1],
    });
  });

  test("refuses to replace a key that a task has given its host there", () => {
    const host: Entry = {
      kind: "nvmet_host",
      state: "present",
      owner: "task p.yml:1:1",
      resource: { nqn: "nqn.db01", dhchap_key: { secret: "other", version: "1" }, state: "present" },
    };
    expect(() => subsystemOf(specOf({ "nvmet_host nqn.db01": host }), [])).toThrow(
      "cannot give nqn.db01 a key on flash01: it has one there by task p.yml:1:1",
    );
    expect(subsystemOf(specOf({ "nvmet_host nqn.db01": { ...host, owner: "volumes" } }), [])).toBeDefined();
  });
});
