import { describe, expect, it } from "vitest";
import type { ConnectOptions } from "../../../../../../agent/system/system.ts";
import { build, connectTo, controllers, errnoOf, hostA, initiatorNode, never, nqnA } from "../lab.ts";
import { connect, type Keys, keyed, last, one, two } from "./keys.ts";

const failures: [
  says: string,
  kernels: [target: string, initiator: string],
  keys: Keys,
  options: ConnectOptions,
  gives: [string, number],
  target: string[],
  initiator: string[],
][] = [
  [
    "a wrong key",
    ["6.12", "6.12"],
    { key: one },
    { dhchap_secret: two },
    ["EKEYREJECTED", 0],
    [
      "nvmet: ctrl 1 qid 0 host response mismatch",
      "nvmet: ctrl 1 qid 0 failure1 (1)",
      "nvmet: ctrl 1 fatal error occurred!",
    ],
    ["nvme nvme2: qid 0: authentication failed, error -129", "nvme nvme2: failed to connect queue: 0 ret=-129"],
  ],
  [
    "a wrong key at a target that hangs up before it answers",
    ["6.8", "6.12"],
    { key: one },
    { dhchap_secret: two },
    ["EIO", 64],
    [
      "nvmet: ctrl 1 qid 0 host response mismatch",
      "nvmet: ctrl 1 qid 0 failure1 (1)",
      "nvmet: ctrl 1 fatal error occurred!",
    ],
    ["nvme nvme2: qid 0: authentication failed, error 881", "nvme nvme2: failed to connect queue: 0 ret=881"],
  ],
  [
    "a wrong key on 6.8",
    ["6.8", "6.8"],
    { key: one },
    { dhchap_secret: two },
    ["EIO", 64],
    [],
    ["nvme nvme2: qid 0: authentication failed", "nvme nvme2: failed to connect queue: 0 ret=881"],
  ],
  [
    "no key",
    ["6.12", "6.12"],
    { key: one },
    {},
    ["ENOKEY", 0],
    [],
    [
      "nvme nvme2: qid 0: no key",
      "nvme nvme2: qid 0: authentication setup failed",
      "nvme nvme2: failed to connect queue: 0 ret=-126",
    ],
  ],
  [
    "no key on 6.8",
    ["6.8", "6.8"],
    { key: one },
    {},
    ["EIO", 0],
    [],
    [
      "nvme nvme2: qid 0: no key",
      "nvme nvme2: qid 0: authentication setup failed",
      "nvme nvme2: failed to connect queue: 0 ret=401",
    ],
  ],
  [
    "an initiator that was built without authentication",
    ["6.12", "6.1"],
    { key: one },
    { dhchap_secret: one },
    ["EIO", 0],
    [],
    ["nvme nvme2: qid 0: authentication setup failed", "nvme nvme2: failed to connect queue: 0 ret=401"],
  ],
  [
    "an initiator that does not know of keys",
    ["6.12", "5.10"],
    { key: one },
    {},
    ["EIO", 0],
    [],
    ["nvme nvme2: Property Set error: 401, offset 0x14"],
  ],
  [
    "a wrong key of the controller",
    ["6.12", "6.12"],
    { key: one, ctrl: one },
    { dhchap_secret: one, dhchap_ctrl_secret: two },
    ["EKEYREJECTED", 0],
    ["nvmet: ctrl 1 fatal error occurred!"],
    [
      "nvme nvme2: qid 0: authenticated with hash hmac(sha256) dhgroup null",
      "nvme nvme2: qid 0: controller authentication failed",
      "nvme nvme2: qid 0: authentication failed, error -129",
      "nvme nvme2: failed to connect queue: 0 ret=-129",
    ],
  ],
  [
    "a wrong key of the controller on 6.8",
    ["6.8", "6.8"],
    { key: one, ctrl: one },
    { dhchap_secret: one, dhchap_ctrl_secret: two },
    ["ECONNREFUSED", 64],
    ["nvmet: ctrl 1 fatal error occurred!"],
    ["nvme nvme2: qid 0: authentication failed", "nvme nvme2: failed to connect queue: 0 ret=-111"],
  ],
  [
    "a controller key that the target lacks",
    ["6.12", "6.12"],
    { key: one },
    { dhchap_secret: one, dhchap_ctrl_secret: two },
    ["EKEYREJECTED", 0],
    ["nvmet: ctrl 1 qid 0 no ctrl key", "nvmet: ctrl 1 qid 0: success1 status (1)"],
    ["nvme nvme2: qid 0: authentication failed, error -129", "nvme nvme2: failed to connect queue: 0 ret=-129"],
  ],
  [
    "a key at the target that is none",
    ["6.12", "6.12"],
    { key: "DHHC-1:00:garbage:" },
    { dhchap_secret: one },
    ["EIO", 0],
    ["nvmet: Failed to setup authentication, dhchap status 2"],
    ["nvme nvme2: Connect command failed, error wo/DNR bit: 6", "nvme nvme2: failed to connect queue: 0 ret=6"],
  ],
  [
    "a key at the target that is none, on 6.8: it passes for a host that is not allowed",
    ["6.8", "6.8"],
    { key: "DHHC-1:00:garbage:" },
    { dhchap_secret: one },
    ["EIO", 0],
    ["nvmet: Failed to setup authentication, error -1"],
    ["nvme nvme2: failed to connect queue: 0 ret=16772"],
  ],
];

describe("DH-HMAC-CHAP at a connect", () => {
  it.each(failures)("%s", async (_, [target, initiator], keys, options, gives, atTarget, atInitiator) => {
    const nodes = await keyed(keys, target, initiator);
    expect(await connect(nodes, options)).toEqual(gives);
    expect(last(nodes.target, atTarget.length || 1)).toEqual(atTarget.length === 0 ? [expect.any(String)] : atTarget);
    expect(last(nodes.initiator, atInitiator.length)).toEqual(atInitiator);
    expect(await controllers(nodes.initiator)).toEqual([]);
  });

  it("both keys: each end proves its own", async () => {
    const nodes = await keyed({ key: one, ctrl: two });
    await build(nodes.target, [
      ["write", `hosts/${hostA}/dhchap_hash`, "hmac(sha512)", "ok"],
      ["write", `hosts/${hostA}/dhchap_dhgroup`, "ffdhe2048", "ok"],
    ]);
    expect(await connect(nodes, { dhchap_secret: one, dhchap_ctrl_secret: two })).toEqual(["ok", 0]);
    const log = last(nodes.initiator, 20).filter((line) => line.includes("qid 0"));
    expect(log).toEqual([
      "nvme nvme2: qid 0: authenticated with hash hmac(sha512) dhgroup ffdhe2048",
      "nvme nvme2: qid 0: controller authenticated",
      "nvme nvme2: qid 0: authenticated",
    ]);
  });

  it.each([
    ["is not base64", "DHHC-1:00:!!!!:", "EPERM"],
    ["is too short", "DHHC-1:00:AAAA:", "EINVAL"],
    ["was not copied whole", one.replace(/A/, "B"), "EKEYREJECTED"],
  ])("the initiator refuses its own secret that %s, before it asks anybody", async (_, secret, errno) => {
    const initiator = await initiatorNode();
    expect(await errnoOf(initiator.do(connectTo(nqnA, { dhchap_secret: secret }), never))).toBe(errno);
    expect(await errnoOf(initiator.do(connectTo(nqnA, { dhchap_ctrl_secret: secret }), never))).toBe(errno);
  });
});
