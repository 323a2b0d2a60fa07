import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kinds } from "../../../../shared/modules/kinds/kinds.ts";
import { mergeResource } from "../../../../shared/modules/merge.ts";
import type { JsonRecord } from "../../../../shared/protocol/json.ts";

const subsystem = (before: JsonRecord | undefined, next: JsonRecord) =>
  mergeResource(kinds.nvmet_subsystem, before, next);
const nqn = "nqn.s";

describe("a resource that a task says more of", () => {
  test.each<[string, JsonRecord | undefined, JsonRecord, JsonRecord]>([
    ["nothing before gives what the task says", undefined, { nqn }, { nqn }],
    [
      "a field left out keeps its value",
      { nqn, serial: "A", model: "M" },
      { nqn, serial: "B" },
      { nqn, serial: "B", model: "M" },
    ],
    [
      "hosts of two tasks are both there",
      { nqn, allowed_hosts: ["a"] },
      { nqn, allowed_hosts: ["b", "a"] },
      { nqn, allowed_hosts: ["a", "b"] },
    ],
    [
      "namespaces merge by nsid, field by field",
      {
        nqn,
        namespaces: [
          { nsid: 1, device: "/dev/a" },
          { nsid: 2, device: "/dev/b" },
        ],
      },
      {
        nqn,
        namespaces: [
          { nsid: 2, ana_group: 3 },
          { nsid: 3, device: "/dev/c" },
        ],
      },
      {
        nqn,
        namespaces: [
          { nsid: 1, device: "/dev/a" },
          { nsid: 2, device: "/dev/b", ana_group: 3 },
          { nsid: 3, device: "/dev/c" },
        ],
      },
    ],
    [
      "a child's tombstone takes its place among the others",
      {
        nqn,
        namespaces: [
          { nsid: 1, state: "present" },
          { nsid: 2, state: "present" },
        ],
      },
      { nqn, namespaces: [{ nsid: 1, state: "absent" }] },
      {
        nqn,
        namespaces: [
          { nsid: 1, state: "absent" },
          { nsid: 2, state: "present" },
        ],
      },
    ],
    [
      "exclusive lists are the whole, and lists left out stay",
      { nqn, allowed_hosts: ["a", "b"], ports: [1] },
      { nqn, allowed_hosts: ["c"], exclusive: true },
      { nqn, allowed_hosts: ["c"], ports: [1], exclusive: true },
    ],
  ])("%s", (_, before, next, merged) => {
    expect(subsystem(before, next)).toEqual(merged);
  });

  test("paths are told apart by transport, address and service id", () => {
    const path = (address: string, service_id: string) => ({ transport: "tcp", address, service_id });
    expect(
      mergeResource(
        kinds.nvme_connection,
        { nqn, paths: [path("10.0.0.1", "4420")] },
        { nqn, paths: [path("10.0.0.1", "4421"), { ...path("10.0.0.1", "4420"), host_interface: "eth1" }] },
      ),
    ).toEqual({ nqn, paths: [{ ...path("10.0.0.1", "4420"), host_interface: "eth1" }, path("10.0.0.1", "4421")] });
  });

  test("saying the same again changes nothing, whatever it was", () => {
    const hosts = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
    const resource = fc.record({ nqn: fc.constant(nqn), serial: fc.string(), allowed_hosts: hosts });
    fc.assert(
      fc.property(resource, resource, (before, next) => {
        const once = subsystem(before, next);
        expect(subsystem(once, next)).toEqual(once);
      }),
    );
  });
});
