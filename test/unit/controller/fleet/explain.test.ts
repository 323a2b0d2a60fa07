import { describe, expect, test } from "vitest";
import { type Explanation, explainPairs } from "../../../../controller/fleet/explain.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import {
  connection,
  exported,
  livePaths,
  namespace,
  newsOf,
  nqn,
  type PairCase,
  surveyIn,
} from "../../../support/pair-evidence.ts";

function explained(given: PairCase): Explanation[] {
  const { survey, several } = surveyIn(given);
  return explainPairs(survey, survey.pairs, several);
}
const connecting = livePaths.map((path) => ({ ...path, state: "connecting" }));
const subsystem = `nvmet_subsystem ${nqn}`;
const says = (code: string, message: string, resource = subsystem) => ({ code, message, resource });
const doubt = (text: string) => ({ open: { does: "make" as const, before: {}, doubt: text } });
const ports = (...listening: boolean[]) =>
  exported.ports.map((port, index) => ({ ...port, listening: listening[index] ?? true }));

describe("a volume", () => {
  test.each<[string, PairCase, string, string, string]>([
    [
      "in doubt is explained by the end that it waits for, and by the two ways out",
      { pair: doubt("flash01 does not answer"), targetSilent: 60_000 },
      "flash01",
      "it is in doubt: flash01 does not answer; it waits for flash01",
      "run the playbook again when flash01 is back, or give that end up: --abandon flash01",
    ],
    [
      "in doubt whose ends are all heard is explained by the run that is due",
      { pair: doubt("flash01 did not answer") },
      "db01",
      "it is in doubt: flash01 did not answer",
      "run the playbook again, which brings it to an end",
    ],
    [
      "that is being made is explained by the run",
      { pair: { open: { does: "make", before: {} } } },
      "db01",
      "a run is making it",
      "flashfleet runs",
    ],
    ["that was never made is explained by that", { pair: { ready: false } }, "db01", "never made", "run its playbook"],
    [
      "whose target is down is explained by the target, not by its paths",
      { targetSilent: 90_000, initiator: { paths: connecting } },
      "flash01",
      "nothing heard of flash01 for 90 s",
      "is flash01 up?",
    ],
    [
      "whose target did not come back to this controller is explained by that",
      { targetUnknown: true },
      "flash01",
      "nothing heard of flash01 since this controller started",
      "is flash01 up?",
    ],
    [
      "whose target lacks its address is explained by the address, not by the port that does not listen",
      {
        targetConditions: [
          says(
            "kernel_refused",
            "cannot listen on tcp 10.20.1.1:4421: address 10.20.1.1 is not on this node (EADDRNOTAVAIL)",
          ),
        ],
        target: { ports: ports(false, true) },
        initiator: { paths: connecting },
      },
      "flash01",
      "address 10.20.1.1 is not on this node (EADDRNOTAVAIL)",
      "put the address back on flash01",
    ],
    [
      "whose port is taken on the target is explained by what listens there",
      {
        targetConditions: [
          says(
            "address_in_use",
            "cannot listen on tcp 10.20.1.1:4421: something listens",
            "nvmet_port tcp 10.20.1.1:4421",
          ),
        ],
      },
      "flash01",
      "something listens",
      "ss -tlnp on flash01",
    ],
    [
      "whose drive is gone is explained by the drive",
      { targetConditions: [says("device_absent", "there is no /dev/disk/by-id/nvme-eui.1")], target: null },
      "flash01",
      "there is no /dev/disk/by-id/nvme-eui.1",
      "flashfleet drive list flash01",
    ],
    [
      "whose drive was exchanged is explained by that",
      { targetConditions: [says("device_changed", "another drive")], target: { namespaces: [] } },
      "flash01",
      "another drive",
      "put the earlier drive back into flash01",
    ],
    [
      "of a target whose trouble is with another export is not explained by it",
      {
        targetConditions: [says("device_absent", "no drive", "nvmet_subsystem nqn.other")],
        target: { ports: ports(false, true) },
      },
      "flash01",
      "flash01 has it linked at 10.20.1.1:4421, and does not listen there",
      "is 10.20.1.1 still there",
    ],
    [
      "that is not exported is explained by that",
      { target: null, initiator: { paths: connecting } },
      "flash01",
      "flash01 does not export it",
      "exports it again",
    ],
    [
      "whose namespace is disabled is explained by that",
      { target: { namespaces: [{ ...namespace, enabled: false }] } },
      "flash01",
      "namespace 1 is disabled on flash01",
      "run the pair play again",
    ],
    [
      "whose drive vanished under its export is explained by that",
      { target: { namespaces: [{ nsid: 1, uuid: namespace.uuid, nguid: "", device: "/dev/nvme0n1", enabled: true }] } },
      "flash01",
      "/dev/nvme0n1, which it lies on, is not on flash01 any more",
      "dmesg on flash01",
    ],
    [
      "that was unlinked from a port is explained by that",
      { target: { ports: exported.ports.slice(1) }, initiator: { paths: connecting } },
      "flash01",
      "flash01 does not export it at 10.20.1.1:4421",
      "links it again",
    ],
    [
      "whose initiator is down is explained by the initiator",
      { initiatorSilent: 30_000 },
      "db01",
      "nothing heard of db01 for 30 s",
      "is db01 up?",
    ],
    [
      "whose initiator has the identity of another node is explained by the clone",
      { initiator: { paths: connecting }, more: [newsOf("db02", { host: { hostnqn: "nqn.db01" } })] },
      "db01",
      "the identity of db01 (host NQN nqn.db01) is also that of db02",
      "flashfleet exec db01 nvme_host_identity",
    ],
    [
      "whose initiator is shut out is explained by the target's list",
      { target: { allowedHosts: [] }, initiator: { paths: [] } },
      "flash01",
      "flash01 does not let db01 in: nqn.db01 is not among its allowed hosts",
      "lets it in",
    ],
    [
      "with another key at each end is explained by the keys",
      {
        initiatorConditions: [says("kernel_refused", "cannot connect it: EKEYREJECTED", `nvme_connection ${nqn}`)],
        initiator: { paths: [] },
      },
      "db01",
      "cannot connect it: EKEYREJECTED",
      "higher key_version",
    ],
    [
      "that the network does not reach is explained by the initiator's own words",
      {
        initiatorConditions: [says("kernel_refused", "cannot connect it: ETIMEDOUT", `nvme_connection ${nqn}`)],
        initiator: { paths: [] },
      },
      "db01",
      "db01 says: cannot connect it: ETIMEDOUT",
      "the network between",
    ],
    [
      "that its initiator has forgotten is explained by that",
      { initiator: null },
      "db01",
      "its spec does not have it",
      "run the pair play again",
    ],
    [
      "with a path that connects to a target that listens is explained by the network between",
      {
        initiator: { paths: livePaths.map((path, index) => ({ ...path, state: index === 0 ? "live" : "connecting" })) },
        initiatorConditions: [says("not_converging", "nvme2 is connecting and not live", `nvme_connection ${nqn}`)],
      },
      "db01",
      "the path from db01 to 10.30.1.1:4421 of flash01 is connecting, and flash01 listens",
      "ping from db01 to 10.30.1.1",
    ],
    [
      "with a path that is not there is explained by the kernel that gave it up",
      { initiator: { paths: livePaths.slice(1) } },
      "db01",
      "the path from db01 to 10.20.1.1:4421 of flash01 is missing, and flash01 listens",
      "connects it again",
    ],
    [
      "that all paths lead to without a disk is explained by the judge",
      { initiator: { namespaces: [] } },
      "db01",
      "connected, but there is no block device",
      "flashfleet plan",
    ],
    [
      "that ANA lets nobody at is explained by the judge",
      {
        initiator: {
          namespaces: connection.namespaces.map((each) => ({
            ...each,
            anaStates: { nvme1: "inaccessible", nvme2: "inaccessible" },
          })),
        },
      },
      "db01",
      "no path to /dev/nvme1n1 is accessible",
      "flashfleet plan",
    ],
    [
      "that has drifted is explained by what differs",
      { initiator: { expected: undefined } },
      "db01",
      "gone after a boot",
      "it works",
    ],
    [
      "that is well is explained by its figures",
      {},
      "db01",
      "nothing is wrong: 2 of 2 paths live (10.20.1.1:4421, 10.30.1.1:4421), 2.00 GB on flash01",
      "",
    ],
  ])("%s", (_, given, at, cause, remedy) => {
    const [explanation, ...more] = explained(given);
    expect(more).toEqual([]);
    expect(explanation).toMatchObject({ about: ["db01/data on db01"], at, cause: expect.stringContaining(cause) });
    if (remedy === "") expect(explanation?.remedy).toBe("");
    else expect(explanation?.remedy).toContain(remedy);
  });

  test("of two initiators has one explanation where it has one cause", () => {
    const hostOf = (name: string) => ({ hostnqn: `nqn.${name}` });
    const pairs = ["db01", "db02"].map((name) => ({ initiator: NodeId.parse(name), ready: true, ...hostOf(name) }));
    const given: PairCase = {
      volume: { pairs },
      targetSilent: 60_000,
      more: [newsOf("db02", { connections: [{ ...connection, hostnqn: "nqn.db02" }], host: hostOf("db02") })],
    };
    expect(explained(given)).toMatchObject([
      { about: ["db01/data on db01", "db01/data on db02"], state: "unknown", at: "flash01" },
    ]);
  });
});
