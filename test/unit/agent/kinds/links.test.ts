import { describe } from "vitest";
import { port, seen, subsystem } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";

const nqn = "nqn.s";

describe("links into ports", () => {
  const ready = { subsystems: [subsystem(nqn)], ports: [port(1)] };
  const linked = [{ nvmet_subsystem: { nqn, ports: [1] } }];

  testPlans({
    "a port that is there gives the link": {
      seen: seen({ nvmet: ready }),
      want: linked,
      gives: ["link | link nqn.s into port 1 (tcp 10.0.0.1:4420) | none"],
    },
    "a link that is there gives nothing, whatever it is called": {
      seen: seen({ nvmet: { ...ready, ports: [{ ...port(1), links: [{ link: "x", nqn }] }] } }),
      want: linked,
      gives: [],
    },
    "a port that the same edit makes gives the link last": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)] } }),
      want: [...linked, { nvmet_port: { id: 1, address: "10.0.0.1" } }],
      gives: [
        "create port | create port 1 | none",
        "create port | set addr_trtype to tcp, addr_adrfam to ipv4, addr_traddr to 10.0.0.1, addr_trsvcid to 4420 of port 1 | none",
        "link | link nqn.s into port 1 (tcp 10.0.0.1:4420) | none",
      ],
    },
    "a port that nobody knows is refused, with those that there are": {
      seen: seen({ nvmet: { subsystems: [subsystem(nqn)], ports: [port(4)] } }),
      want: linked,
      gives: ["refused not_found: cannot link nqn.s into port 1: this node has no port 1"],
    },
    "an address that is not on this node is waited for": {
      seen: seen({ nvmet: ready, addresses: ["10.9.9.9"] }),
      want: linked,
      gives: ["wait for address 10.0.0.1 of port 1 to be on this node"],
    },
    "an address that another program listens on is refused": {
      seen: seen({ nvmet: ready, listeners: [{ address: "0.0.0.0", port: 4420 }] }),
      want: linked,
      gives: [
        "refused address_in_use: cannot listen on tcp 10.0.0.1:4420: something listens on 0.0.0.0:4420 (EADDRINUSE)",
      ],
    },
    "a port that listens already takes a second subsystem": {
      seen: seen({
        nvmet: { subsystems: [subsystem(nqn), subsystem("nqn.t")], ports: [port(1, { links: ["nqn.t"] })] },
        listeners: [{ address: "10.0.0.1", port: 4420 }],
      }),
      want: linked,
      gives: ["link | link nqn.s into port 1 (tcp 10.0.0.1:4420) | none"],
    },
    "exclusive gives the removal of our other links, and leaves foreign ones": {
      seen: seen({
        nvmet: {
          subsystems: [subsystem(nqn)],
          ports: [1, 2, 3].map((id) => port(id, { attributes: { addr_trsvcid: `442${id}` }, links: [nqn] })),
        },
      }),
      owned: ["link 1 nqn.s", "link 2 nqn.s"],
      want: [{ nvmet_subsystem: { nqn, ports: [1], exclusive: true } }],
      gives: ["unlink | unlink nqn.s from port 2 | path loss | if no sessions"],
    },
    "a link over RDMA goes only where nobody is connected either": {
      seen: seen({
        nvmet: {
          subsystems: [subsystem(nqn)],
          ports: [port(2, { attributes: { addr_trtype: "rdma" }, links: [nqn] })],
        },
      }),
      owned: ["link 2 nqn.s"],
      want: [{ nvmet_subsystem: { nqn, ports: [], exclusive: true } }],
      gives: ["unlink | unlink nqn.s from port 2 | path loss | if no sessions"],
    },
  });
});
