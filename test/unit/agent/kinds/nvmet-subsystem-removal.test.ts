import { describe } from "vitest";
import { namespace, nvmetHost, port, seen, subsystem } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";

const nqn = "nqn.s";
const ours = ["subsystem nqn.s"];

describe("a subsystem that is to be absent", () => {
  const whole = {
    subsystems: [subsystem(nqn, { hosts: ["nqn.h"], namespaces: [namespace(1)] })],
    hosts: [nvmetHost("nqn.h")],
    ports: [port(1, { links: [nqn] })],
  };
  const all = [...ours, "namespace nqn.s 1", "allowed host nqn.s nqn.h", "host nqn.h", "link 1 nqn.s"];
  const down = [
    "unlink | unlink nqn.s from port 1 | path loss | if no sessions",
    "disable namespace | disable namespace 1 of nqn.s | data risk",
    "remove namespace | remove namespace 1 of nqn.s | none",
    "revoke host | revoke host nqn.h from nqn.s | path loss",
    "remove subsystem | remove subsystem nqn.s | none",
  ];
  const absent = [{ nvmet_subsystem: { nqn, state: "absent" } }];

  testPlans({
    "gives everything in reverse, link first": {
      seen: seen({ nvmet: whole }),
      owned: all,
      want: absent,
      gives: [...down, "remove host | remove host nqn.h, which nothing else uses | none"],
    },
    "keeps a host that the spec declares by itself": {
      seen: seen({ nvmet: whole }),
      owned: all,
      others: [{ nvmet_host: { nqn: "nqn.h" } }],
      want: absent,
      gives: down,
    },
    "keeps a host that another subsystem lets in": {
      seen: seen({ nvmet: { ...whole, subsystems: [...whole.subsystems, subsystem("nqn.t", { hosts: ["nqn.h"] })] } }),
      owned: all,
      want: absent,
      gives: down,
    },
    "removes a host that only the subsystems which go have let in, once": {
      seen: seen({
        nvmet: {
          ...whole,
          subsystems: [subsystem(nqn, { hosts: ["nqn.h"] }), subsystem("nqn.t", { hosts: ["nqn.h"] })],
          ports: [],
        },
      }),
      owned: [...ours, "subsystem nqn.t", "host nqn.h", "allowed host nqn.s nqn.h", "allowed host nqn.t nqn.h"],
      want: [...absent, { nvmet_subsystem: { nqn: "nqn.t", state: "absent" } }],
      gives: [
        "revoke host | revoke host nqn.h from nqn.s | path loss",
        "revoke host | revoke host nqn.h from nqn.t | path loss",
        "remove subsystem | remove subsystem nqn.s | none",
        "remove subsystem | remove subsystem nqn.t | none",
        "remove host | remove host nqn.h, which nothing else uses | none",
      ],
    },
    "is refused where somebody else made it": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)] } }),
      want: absent,
      gives: ["refused not_ours: cannot remove subsystem nqn.s: flashfleet did not create it"],
    },
    "is refused where somebody else put a namespace, a host or a link into it": {
      seen: seen({ nvmet: whole }),
      owned: ours,
      want: absent,
      gives: [
        "remove subsystem | remove subsystem nqn.s | none",
        "refused not_ours: cannot remove the link of nqn.s into port 1: flashfleet did not create it",
        "refused not_ours: cannot remove namespace 1 of nqn.s: flashfleet did not create it",
        "refused not_ours: cannot remove allowed host nqn.h of nqn.s: flashfleet did not create it",
      ],
    },
    "gives nothing where it is gone": { seen: seen(), want: absent, gives: [] },
    "finishes what it was stopped at: the host that nothing uses": {
      seen: seen({ nvmet: { hosts: [nvmetHost("nqn.h"), nvmetHost("nqn.foreign")] } }),
      owned: ["host nqn.h"],
      want: absent,
      gives: ["remove host | remove host nqn.h, which nothing else uses | none"],
    },
  });
});
