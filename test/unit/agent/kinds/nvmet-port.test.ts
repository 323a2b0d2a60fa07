import { describe, expect, test } from "vitest";
import { bare, port, seen, subsystem } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { currentOf, memoryOf, planFor } from "../../../support/wanted.ts";

const address = "10.0.0.1";
const ours = ["port 1"];
const referral = { name: "b", transport: "tcp", address: "10.0.0.9", service_id: 4420 };
const referred = {
  name: "b",
  attributes: {
    addr_trtype: "tcp",
    addr_adrfam: "ipv4",
    addr_traddr: "10.0.0.9",
    addr_trsvcid: "4420",
    addr_portid: "0",
    enable: "1",
  },
};
const endpoint = "addr_trtype to tcp, addr_adrfam to ipv4, addr_traddr to 10.0.0.1, addr_trsvcid to 4420";

describe("nvmet_port", () => {
  testPlans({
    "no port and one wanted gives its directory, then its address": {
      seen: seen(),
      want: [{ nvmet_port: { id: 1, address } }],
      gives: ["create port | create port 1 | none", `create port | set ${endpoint} of port 1 | none`],
    },
    "no nvmet at all gives the module and configfs first": {
      seen: bare(),
      want: [{ nvmet_port: { id: 1, address } }],
      gives: [
        "load module | load kernel module nvmet | none",
        "load module | mount configfs on /sys/kernel/config | none",
        "create port | create port 1 | none",
        `create port | set ${endpoint} of port 1 | none`,
      ],
    },
    "an IPv6 address gives its family": {
      seen: seen(),
      want: [{ nvmet_port: { id: 1, address: "fd00::1" } }],
      gives: [
        "create port | create port 1 | none",
        "create port | set addr_trtype to tcp, addr_adrfam to ipv6, addr_traddr to fd00::1, addr_trsvcid to 4420 of port 1 | none",
      ],
    },
    "the port as it is wanted gives nothing": {
      seen: seen({ nvmet: { ports: [port(1)] } }),
      want: [{ nvmet_port: { id: 1, address } }],
      gives: [],
    },
    "no id is refused where no port has that address": {
      seen: seen(),
      want: [{ nvmet_port: { address } }],
      gives: ["refused bad_argument: cannot create tcp port 10.0.0.1: it has no id"],
    },
    "no id is enough where a port has that address": {
      seen: seen({ nvmet: { ports: [port(3)] } }),
      owned: ["port 3"],
      want: [{ nvmet_port: { address } }],
      gives: [],
    },
    "a second port on the same address is refused": {
      seen: seen({ nvmet: { ports: [port(7)] } }),
      want: [{ nvmet_port: { id: 1, address } }],
      gives: ["refused address_in_use: cannot create port 1 on tcp 10.0.0.1:4420: port 7 has that address"],
    },
    "our port with another address, which exports nothing, gives the writes": {
      seen: seen({ nvmet: { ports: [port(1, { attributes: { addr_trsvcid: "4421" } })] } }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address } }],
      gives: ["create port | set addr_trsvcid to 4420 (was 4421) of port 1 | none"],
    },
    "our port with another address, which exports, gives unlink, write and link again, last": {
      seen: seen({
        nvmet: {
          subsystems: [subsystem("nqn.s")],
          ports: [port(1, { attributes: { addr_trsvcid: "4421" }, links: ["nqn.s"] })],
        },
      }),
      owned: [...ours, "link 1 nqn.s"],
      want: [{ nvmet_port: { id: 1, address } }],
      gives: [
        "unlink | unlink nqn.s from port 1 to change its attributes | path loss | if no sessions",
        "create port | set addr_trsvcid to 4420 (was 4421) of port 1 | none",
        "link | link nqn.s into port 1 again | none",
      ],
    },
    "our port with another address, through which others export, is refused": {
      seen: seen({
        nvmet: {
          subsystems: [subsystem("nqn.s")],
          ports: [port(1, { attributes: { addr_trsvcid: "4421" }, links: ["nqn.s"] })],
        },
      }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address } }],
      gives: ["refused not_ours: cannot remove the link of nqn.s into port 1: flashfleet did not create it"],
    },
    "our port without the link of a subsystem that the spec exports there gives the link: we were stopped half way": {
      seen: seen({ nvmet: { subsystems: [subsystem("nqn.s")], ports: [port(1)] } }),
      owned: ours,
      others: [{ nvmet_subsystem: { nqn: "nqn.s", ports: [1] } }],
      want: [{ nvmet_port: { id: 1, address } }],
      gives: ["link | link nqn.s into port 1 (tcp 10.0.0.1:4420) | none"],
    },
    "somebody else's port with another address is refused": {
      seen: seen({ nvmet: { ports: [port(1, { attributes: { addr_traddr: "10.0.0.5" } })] } }),
      want: [{ nvmet_port: { id: 1, address } }],
      gives: [
        "refused not_ours: cannot set addr_traddr to 10.0.0.1 (was 10.0.0.5) of port 1: flashfleet did not create that port",
      ],
    },
    "somebody else's port with another ANA state is refused": {
      seen: seen({ nvmet: { ports: [port(1)] } }),
      want: [{ nvmet_port: { id: 1, address, ana_groups: [{ id: 1, state: "inaccessible" }] } }],
      gives: [
        "refused not_ours: cannot set ANA group 1 of port 1 to inaccessible (was optimized): flashfleet did not create that port",
      ],
    },
    "an attribute that this kernel lacks is refused when it is asked for": {
      seen: seen({ nvmet: { ports: [port(1)] } }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address, tsas: "tls1.3", max_queue_size: 64 } }],
      gives: [
        "refused kernel_lacks: cannot set addr_tsas, param_max_queue_size of port 1: this kernel's nvmet does not have them",
      ],
    },
    "ANA groups give a directory where they are new, and a cost where a path is taken": {
      seen: seen({
        nvmet: {
          ports: [
            port(1, {
              anaGroups: [
                { id: 1, state: "optimized" },
                { id: 2, state: "optimized" },
              ],
            }),
          ],
        },
      }),
      owned: [...ours, "ana group 1 2"],
      want: [
        {
          nvmet_port: {
            id: 1,
            address,
            ana_groups: [
              { id: 1, state: "optimized" },
              { id: 2, state: "inaccessible" },
              { id: 3, state: "non-optimized" },
            ],
          },
        },
      ],
      gives: [
        "create port | set ANA group 2 of port 1 to inaccessible (was optimized) | path loss",
        "create port | set ANA group 3 of port 1 to non-optimized (was inaccessible) | none",
      ],
    },
    "a referral gives one step, and none the second time": {
      seen: seen({ nvmet: { ports: [port(1, { referrals: [referred] })] } }),
      owned: ours,
      want: [
        { nvmet_port: { id: 1, address, referrals: [referral, { ...referral, name: "c", address: "10.0.0.8" }] } },
      ],
      gives: ["create port | refer from port 1 to tcp 10.0.0.8:4420 (c) | none"],
    },
    "absent removes ours with what is ours in it": {
      seen: seen({
        nvmet: {
          ports: [
            port(1, {
              anaGroups: [
                { id: 1, state: "optimized" },
                { id: 2, state: "optimized" },
              ],
              referrals: [referred],
            }),
          ],
        },
      }),
      owned: [...ours, "ana group 1 2", "referral 1 b"],
      want: [{ nvmet_port: { address, state: "absent" } }],
      gives: [
        "remove port | remove referral b of port 1 | none",
        "remove port | remove ANA group 2 of port 1 | none",
        "remove port | remove port 1 | none",
      ],
    },
    "absent removes ours that was stopped before it had its whole address": {
      seen: seen({ nvmet: { ports: [port(1, { attributes: { addr_traddr: "", addr_trsvcid: "" } })] } }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address, state: "absent" } }],
      gives: ["remove port | remove port 1 | none"],
    },
    "absent does not remove somebody else's port, nor ours with something of others in it": {
      seen: seen({ nvmet: { ports: [port(1, { referrals: [referred] })] } }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address, state: "absent" } }],
      gives: ["refused not_ours: cannot remove referral b of port 1: flashfleet did not create it"],
    },
    "absent does not remove a port that exports something that stays": {
      seen: seen({ nvmet: { subsystems: [subsystem("nqn.s")], ports: [port(1, { links: ["nqn.s"] })] } }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address, state: "absent" } }],
      gives: ["refused plan_refused: cannot remove port 1: it exports nqn.s"],
    },
    "absent leaves a port of that id with another address alone": {
      seen: seen({ nvmet: { ports: [port(1, { attributes: { addr_traddr: "10.0.0.5" } })] } }),
      owned: ours,
      want: [{ nvmet_port: { id: 1, address, state: "absent" } }],
      gives: [],
    },
    "absent of a port with referrals is refused where that crashes the kernel": {
      seen: seen({ kernel: { release: "5.4.0-216-generic" }, nvmet: { ports: [port(1, { referrals: [referred] })] } }),
      owned: [...ours, "referral 1 b"],
      want: [{ nvmet_port: { id: 1, address, state: "absent" } }],
      gives: [
        "refused kernel_refused: cannot remove port 1: it has referrals, and removing one crashes Linux 5.4.0-216-generic",
      ],
    },
  });

  test("an enabled referral is disabled before its address is written", () => {
    const before = { ...referred, attributes: { ...referred.attributes, addr_traddr: "10.0.0.7" } };
    const has = seen({ nvmet: { ports: [port(1, { referrals: [before] })] } });
    const memory = memoryOf({ owned: [...ours, "referral 1 b"] });
    const [step] = planFor([{ nvmet_port: { id: 1, address, referrals: [referral] } }], has, memory).steps;
    const below = "/sys/kernel/config/nvmet/ports/1/referrals/b";
    expect(step?.ops).toEqual([
      { op: "write", path: `${below}/enable`, value: "0" },
      { op: "write", path: `${below}/addr_traddr`, value: "10.0.0.9" },
      { op: "write", path: `${below}/enable`, value: "1" },
    ]);
  });

  test("current gives ports with their address, and leaves out those without one", () => {
    const has = seen({ nvmet: { ports: [port(1), port(2, { attributes: { addr_trtype: "", addr_traddr: "" } })] } });
    expect(currentOf("nvmet_port", has)).toMatchObject([{ id: 1, transport: "tcp", address, service_id: "4420" }]);
  });
});
