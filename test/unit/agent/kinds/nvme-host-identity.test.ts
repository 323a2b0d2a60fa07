import { describe, expect, test } from "vitest";
import { connected, seen } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { currentOf, freshUuid, memoryOf, planFor } from "../../../support/wanted.ts";

const uuid = "11111111-2222-4333-8444-555555555555";
const nqn = `nqn.2014-08.org.nvmexpress:uuid:${uuid}`;
const other = "21111111-2222-4333-8444-555555555555";
const whole = seen({ host: { hostnqn: nqn, hostid: uuid } });

describe("nvme_host_identity", () => {
  testPlans({
    "no identity and one wanted gives a new one, name and id of one uuid": {
      seen: seen(),
      want: [{ nvme_host_identity: {} }],
      gives: [
        `host identity | create the host identity: nqn.2014-08.org.nvmexpress:uuid:${freshUuid}, host id ${freshUuid} | none`,
      ],
    },
    "an identity that is there and any wanted gives nothing": {
      seen: whole,
      want: [{ nvme_host_identity: {} }],
      gives: [],
    },
    "a host NQN without its id gives the id that is in the name": {
      seen: seen({ host: { hostnqn: nqn } }),
      want: [{ nvme_host_identity: {} }],
      gives: [`host identity | change the host identity: ${nqn}, host id ${uuid} | none`],
    },
    "a host id without a name gives the name that it makes": {
      seen: seen({ host: { hostid: uuid } }),
      want: [{ nvme_host_identity: {} }],
      gives: [`host identity | change the host identity: ${nqn}, host id ${uuid} | none`],
    },
    "another name asked for gives the id that belongs to it": {
      seen: whole,
      want: [{ nvme_host_identity: { hostnqn: `nqn.2014-08.org.nvmexpress:uuid:${other}` } }],
      gives: [
        `host identity | change the host identity: nqn.2014-08.org.nvmexpress:uuid:${other}, host id ${other} | none`,
      ],
    },
    "another name while something is connected is refused": {
      seen: seen({ host: { hostnqn: nqn, hostid: uuid }, subsystems: [connected("nqn.s")] }),
      want: [{ nvme_host_identity: { hostnqn: "nqn.other", hostid: other } }],
      gives: [`refused device_in_use: cannot change the host identity ${nqn}: connected with it are nqn.s`],
    },
    "absent removes the one that we made": {
      seen: whole,
      owned: ["host identity"],
      want: [{ nvme_host_identity: { state: "absent" } }],
      gives: [`unload module | remove the host identity ${nqn} | none`],
    },
    "absent leaves the one that was there": {
      seen: whole,
      want: [{ nvme_host_identity: { state: "absent" } }],
      gives: [],
    },
  });

  test("writes both files whole, readable by all", () => {
    const [step] = planFor([{ nvme_host_identity: {} }], seen(), memoryOf()).steps;
    expect(step?.ops).toEqual([
      {
        op: "replace",
        path: "/etc/nvme/hostnqn",
        content: `nqn.2014-08.org.nvmexpress:uuid:${freshUuid}\n`,
        mode: 0o644,
      },
      { op: "replace", path: "/etc/nvme/hostid", content: `${freshUuid}\n`, mode: 0o644 },
    ]);
  });

  test("current gives a whole identity, and none for half of one", () => {
    expect(currentOf("nvme_host_identity", whole)).toEqual([{ hostnqn: nqn, hostid: uuid, state: "present" }]);
    expect(currentOf("nvme_host_identity", seen({ host: { hostid: uuid } }))).toEqual([]);
  });
});
