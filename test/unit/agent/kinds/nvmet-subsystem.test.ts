import { describe, expect, test } from "vitest";
import { bare, namespace, nvmetHost, port, seen, subsystem } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { currentOf } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const serial = "da6eae88a4faa5dc";

describe("nvmet_subsystem", () => {
  testPlans({
    "no subsystem and one wanted gives its directory and a serial that is the same after every boot": {
      seen: seen(),
      want: [{ nvmet_subsystem: { nqn } }],
      gives: [
        "create subsystem | create subsystem nqn.s | none",
        `create subsystem | set attr_serial to ${serial} of subsystem nqn.s | none`,
      ],
    },
    "no nvmet at all gives the module and configfs first": {
      seen: bare(),
      want: [{ nvmet_subsystem: { nqn, serial: "S1" } }],
      gives: [
        "load module | load kernel module nvmet | none",
        "load module | mount configfs on /sys/kernel/config | none",
        "create subsystem | create subsystem nqn.s | none",
        "create subsystem | set attr_serial to S1 of subsystem nqn.s | none",
      ],
    },
    "the subsystem as it is wanted gives nothing, with the serial padded or not": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn, { attributes: { attr_serial: "S1" } })] } }),
      want: [{ nvmet_subsystem: { nqn, serial: "S1", model: "Linux", cntlid_min: 1 } }],
      gives: [],
    },
    "a foreign subsystem and no serial asked for keeps the serial it has": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)] } }),
      want: [{ nvmet_subsystem: { nqn } }],
      gives: [],
    },
    "a pinned serial is set again after it was recreated": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)] } }),
      memory: { pins: { "nvmet_subsystem nqn.s": { serial: "PINNED" } } },
      want: [{ nvmet_subsystem: { nqn } }],
      gives: ["create subsystem | set attr_serial to PINNED (was S1) of subsystem nqn.s | none"],
    },
    "another qid_max gives a write that costs the paths, as every write of it does": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)] } }),
      want: [{ nvmet_subsystem: { nqn, qid_max: 16 } }],
      gives: ["create subsystem | set attr_qid_max to 16 (was 128) of subsystem nqn.s | path loss"],
    },
    "a controller-id range above the one it has gives the upper end first": {
      seen: seen({
        nvmet: { subsystems: [subsystem(nqn, { attributes: { attr_cntlid_min: "1", attr_cntlid_max: "100" } })] },
      }),
      want: [{ nvmet_subsystem: { nqn, cntlid_min: 200, cntlid_max: 300 } }],
      gives: [
        "create subsystem | set attr_cntlid_max to 300 (was 100) of subsystem nqn.s | none",
        "create subsystem | set attr_cntlid_min to 200 (was 1) of subsystem nqn.s | none",
      ],
    },
    "an attribute that this kernel lacks is refused": {
      seen: seen({ nvmet: { subsystems: [{ ...subsystem(nqn), attributes: { attr_allow_any_host: "0" } }] } }),
      want: [{ nvmet_subsystem: { nqn, qid_max: 16 } }],
      gives: [
        "create subsystem | set attr_qid_max to 16 of subsystem nqn.s | path loss",
        "refused kernel_lacks: cannot set attr_qid_max of subsystem nqn.s: this kernel's nvmet does not have it",
      ],
    },
  });

  test("current gives a subsystem with its children and the ports that export it", () => {
    const has = seen({
      nvmet: {
        subsystems: [subsystem(nqn, { hosts: ["nqn.h"], namespaces: [namespace(1)] })],
        ports: [port(1, { links: [nqn] }), port(2)],
      },
    });
    expect(currentOf("nvmet_subsystem", has)).toMatchObject([
      { nqn, allowed_hosts: ["nqn.h"], namespaces: [{ nsid: 1, device: "/dev/nvme0n1", enabled: true }], ports: [1] },
    ]);
  });
});

describe("allowed hosts", () => {
  testPlans({
    "no host and one allowed gives the host, then the link to it": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)] } }),
      want: [{ nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"] } }],
      gives: ["create host | create host nqn.h | none", "allow host | allow host nqn.h into nqn.s | none"],
    },
    "a host that two subsystems allow is created once": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn), subsystem("nqn.t")] } }),
      want: [
        { nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"] } },
        { nvmet_subsystem: { nqn: "nqn.t", allowed_hosts: ["nqn.h"] } },
      ],
      gives: [
        "create host | create host nqn.h | none",
        "allow host | allow host nqn.h into nqn.s | none",
        "allow host | allow host nqn.h into nqn.t | none",
      ],
    },
    "an allowed host more than the task names stays: another playbook may have added it": {
      seen: seen({
        nvmet: { hosts: [nvmetHost("nqn.h")], subsystems: [subsystem(nqn, { hosts: ["nqn.h", "nqn.i"] })] },
      }),
      owned: ["allowed host nqn.s nqn.i"],
      want: [{ nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"] } }],
      gives: [],
    },
    "exclusive gives the revocation of what is ours, and leaves what is not": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn, { hosts: ["nqn.h", "nqn.i", "nqn.j"] })] } }),
      owned: ["allowed host nqn.s nqn.i"],
      want: [{ nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"], exclusive: true } }],
      gives: ["revoke host | revoke host nqn.i from nqn.s | path loss"],
    },
    "exclusive ends the sessions with the revocation where anybody is connected, but on no port that it leaves": {
      seen: seen({
        nvmet: {
          subsystems: [subsystem(nqn, { hosts: ["nqn.h", "nqn.i"] })],
          ports: [
            port(1, { links: [nqn] }),
            port(2, {
              links: [nqn],
              attributes: { addr_trtype: "tcp", addr_traddr: "10.0.0.2", addr_trsvcid: "4420" },
            }),
          ],
        },
        sessions: [{ local: { address: "10.0.0.1", port: 4420 }, peer: { address: "10.0.0.9", port: 4711 } }],
      }),
      owned: ["allowed host nqn.s nqn.i", "link 1 nqn.s", "link 2 nqn.s"],
      want: [{ nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"], ports: [1], exclusive: true } }],
      gives: [
        "unlink | unlink nqn.s from port 2 | path loss | if no sessions",
        "revoke host | revoke host nqn.i from nqn.s and end all sessions on port 1, where hosts that are still allowed reconnect | path loss",
      ],
    },
    "a revocation that was cut off ends the sessions the next time": {
      seen: seen({
        nvmet: { subsystems: [subsystem(nqn, { hosts: ["nqn.h"] })], ports: [port(1, { links: [nqn] })] },
        sessions: [{ local: { address: "10.0.0.1", port: 4420 }, peer: { address: "10.0.0.9", port: 4711 } }],
      }),
      owned: ["allowed host nqn.s nqn.h", "allowed host nqn.s nqn.i", "link 1 nqn.s"],
      want: [{ nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"], ports: [1], exclusive: true } }],
      gives: [
        "revoke host | revoke host nqn.i from nqn.s and end all sessions on port 1, where hosts that are still allowed reconnect | path loss",
      ],
    },
    "any host and a list of hosts at once is refused": {
      seen: seen(),
      want: [{ nvmet_subsystem: { nqn, allow_any_host: true, allowed_hosts: ["nqn.h"] } }],
      gives: [
        "create host | create host nqn.h | none",
        "allow host | allow host nqn.h into nqn.s | none",
        "refused plan_refused: cannot let any host into nqn.s and restrict it to nqn.h",
      ],
    },
    "any host where a list is in force is refused": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn, { hosts: ["nqn.h"] })] } }),
      want: [{ nvmet_subsystem: { nqn, allow_any_host: true } }],
      gives: ["refused plan_refused: cannot let any host into nqn.s: it is restricted to nqn.h"],
    },
    "any host where a list is in force, said exclusively, gives the revocation first": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn, { hosts: ["nqn.h"] })] } }),
      owned: ["allowed host nqn.s nqn.h"],
      want: [{ nvmet_subsystem: { nqn, allow_any_host: true, allowed_hosts: [], exclusive: true } }],
      gives: [
        "revoke host | revoke host nqn.h from nqn.s | path loss",
        "create subsystem | set attr_allow_any_host to 1 (was 0) of subsystem nqn.s | none",
      ],
    },
    "a list where any host is let in is refused until the task says so": {
      seen: seen({
        nvmet: {
          hosts: [nvmetHost("nqn.h")],
          subsystems: [subsystem(nqn, { attributes: { attr_allow_any_host: "1" } })],
        },
      }),
      want: [{ nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"] } }],
      gives: [
        "allow host | allow host nqn.h into nqn.s | none",
        "refused plan_refused: cannot restrict nqn.s to nqn.h: it lets any host in",
      ],
    },
  });
});
