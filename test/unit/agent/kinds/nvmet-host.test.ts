import { describe, expect, test } from "vitest";
import { Secret } from "../../../../shared/secret.ts";
import { bare, nvmetHost, seen, subsystem } from "../../../support/observed.ts";
import { testPlans } from "../../../support/plan-table.ts";
import { currentOf, memoryOf, planFor } from "../../../support/wanted.ts";

const nqn = "nqn.h1";
const ref = { secret: "key of db01", version: "1" };
const key = "DHHC-1:00:secret:";
const secret = (asked: { secret: string; version: string }) => (asked.version === "1" ? new Secret(key) : undefined);

describe("nvmet_host", () => {
  testPlans({
    "no host and one wanted gives its directory": {
      seen: seen(),
      want: [{ nvmet_host: { nqn } }],
      gives: ["create host | create host nqn.h1 | none"],
    },
    "no nvmet at all gives the module and configfs first": {
      seen: bare(),
      want: [{ nvmet_host: { nqn } }],
      gives: [
        "load module | load kernel module nvmet | none",
        "load module | mount configfs on /sys/kernel/config | none",
        "create host | create host nqn.h1 | none",
      ],
    },
    "a kernel without nvmet is refused": {
      seen: bare([]),
      want: [{ nvmet_host: { nqn } }],
      gives: ["refused module_missing: cannot load kernel module nvmet: Linux 6.12.0 has no such module"],
    },
    "a key that is not set yet gives a write that does not show it": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn)] } }),
      memory: { secret },
      want: [{ nvmet_host: { nqn, dhchap_key: ref, dhchap_hash: "hmac(sha384)" } }],
      gives: [
        "create host | set dhchap_hash to hmac(sha384) (was hmac(sha256)), dhchap_key to [secret] of host nqn.h1 | none",
      ],
    },
    "a key that is set already gives nothing": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn, { dhchap_key: key })] } }),
      memory: { secret },
      want: [{ nvmet_host: { nqn, dhchap_key: ref } }],
      gives: [],
    },
    "a host that is wanted without keys keeps those it has": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn, { dhchap_key: key })] } }),
      want: [{ nvmet_host: { nqn } }],
      gives: [],
    },
    "a version of the key that the node was not given is refused": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn)] } }),
      memory: { secret },
      want: [{ nvmet_host: { nqn, dhchap_key: { ...ref, version: "2" } } }],
      gives: [
        "refused key_missing: cannot set dhchap_key of host nqn.h1: this node was not given version 2 of key of db01",
      ],
    },
    "a kernel without authentication is refused when keys are asked for": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn, "no authentication")] } }),
      memory: { secret },
      want: [{ nvmet_host: { nqn, dhchap_key: ref } }],
      gives: ["refused kernel_lacks: cannot set keys of host nqn.h1: Linux 6.12.0 has no in-band authentication"],
    },
    "a kernel without authentication is fine when none are": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn, "no authentication")] } }),
      want: [{ nvmet_host: { nqn } }],
      gives: [],
    },
    "absent removes one of ours": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn)] } }),
      owned: ["host nqn.h1"],
      want: [{ nvmet_host: { nqn, state: "absent" } }],
      gives: ["remove host | remove host nqn.h1 | none"],
    },
    "absent does not remove one that somebody else made": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn)] } }),
      want: [{ nvmet_host: { nqn, state: "absent" } }],
      gives: ["refused not_ours: cannot remove host nqn.h1: flashfleet did not create it"],
    },
    "absent does not remove one that a subsystem still lets in": {
      seen: seen({ nvmet: { hosts: [nvmetHost(nqn)], subsystems: [subsystem("nqn.s", { hosts: [nqn] })] } }),
      owned: ["host nqn.h1"],
      want: [{ nvmet_host: { nqn, state: "absent" } }],
      gives: ["refused plan_refused: cannot remove host nqn.h1: it is an allowed host of nqn.s"],
    },
    "absent of what is not there gives nothing": {
      seen: seen(),
      want: [{ nvmet_host: { nqn, state: "absent" } }],
      gives: [],
    },
  });

  test("the key's op holds the value, the plan's text never does", () => {
    const plan = planFor([{ nvmet_host: { nqn, dhchap_key: ref } }], seen(), memoryOf({ secret }));
    expect(JSON.stringify(plan)).not.toContain("DHHC");
    const op = plan.steps.at(-1)?.ops[0];
    expect(op).toMatchObject({ op: "write", path: "/sys/kernel/config/nvmet/hosts/nqn.h1/dhchap_key" });
    expect(op?.op === "write" && new Secret(key).equals(op.value instanceof Secret ? op.value : undefined)).toBe(true);
  });

  test("current gives hosts without their keys", () => {
    const has = seen({ nvmet: { hosts: [nvmetHost(nqn, { dhchap_key: key })] } });
    expect(currentOf("nvmet_host", has)).toEqual([
      { nqn, dhchap_hash: "hmac(sha256)", dhchap_dhgroup: "null", state: "present" },
    ]);
  });
});
