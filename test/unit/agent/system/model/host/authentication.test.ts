import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import type { ConnectOptions } from "../../../../../../agent/system/system.ts";
import { formatDhchapKey } from "../../../../../../shared/nvme/dhchap.ts";
import {
  build,
  connectTo,
  controllers,
  errnoOf,
  exportBoth,
  hostA,
  initiatorNode,
  never,
  nqnA,
  pair,
  turns,
} from "../lab.ts";

const one = formatDhchapKey(new Uint8Array(32).fill(1));
const two = formatDhchapKey(new Uint8Array(32).fill(2));
const controller = "/sys/class/nvme/nvme2";

interface Keys {
  key?: string;
  ctrl?: string;
}

/** A target of this kernel whose host has these keys, and an initiator of that one. */
async function keyed(keys: Keys, target = "6.12", initiator = target) {
  const nodes = await pair({ target, initiator });
  await exportBoth(nodes.target);
  await set(nodes.target, keys);
  return nodes;
}

async function set(target: ModelSystem, { key, ctrl }: Keys): Promise<void> {
  if (key !== undefined) await build(target, [["write", `hosts/${hostA}/dhchap_key`, key, "ok"]]);
  if (ctrl !== undefined) await build(target, [["write", `hosts/${hostA}/dhchap_ctrl_key`, ctrl, "ok"]]);
}

function write(system: ModelSystem, path: string, value: string): Promise<string> {
  return errnoOf(system.do({ op: "write", path, value }, never));
}

/** The texts of these last lines of the kernel's log. */
function last(system: ModelSystem, count: number): string[] {
  return system
    .kernelLog()
    .slice(-count)
    .map((line) => line.slice("[   12.345678] ".length));
}

/** What a connect gives, and after how many seconds. */
async function connect(
  { clock, initiator }: Awaited<ReturnType<typeof pair>>,
  options: ConnectOptions,
): Promise<[errno: string, seconds: number]> {
  const began = clock.now();
  const errno = await clock.drive(errnoOf(initiator.do(connectTo(nqnA, options), never)));
  return [errno, (clock.now() - began) / 1000];
}

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

/** Connected with key one. */
async function connected(kernel = "6.12") {
  const nodes = await keyed({ key: one }, kernel);
  expect(await connect(nodes, { dhchap_secret: one })).toEqual(["ok", 0]);
  await turns();
  return nodes;
}

describe("DH-HMAC-CHAP of a controller that is live", () => {
  it("a write of the same secret authenticates anew, after the write has returned", async () => {
    const { initiator } = await connected();
    expect(await write(initiator, `${controller}/dhchap_secret`, one)).toBe("ok");
    await turns();
    expect(last(initiator, 2)).toEqual([
      "nvme nvme2: re-authenticating controller",
      "nvme nvme2: qid 0: authenticated with hash hmac(sha256) dhgroup null",
    ]);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
  });

  it("another secret than the target's loses the connection, and with the next one the controller", async () => {
    const { clock, target, initiator } = await connected();
    expect(await write(initiator, `${controller}/dhchap_secret`, two)).toBe("ok");
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    expect(last(target, 1)).toEqual(["nvmet: ctrl 1 fatal error occurred!"]);
    await clock.advance(2000);
    expect(await controllers(initiator)).toEqual([]);
  });

  it("on Ubuntu's 6.11 it first waits a second for what is under way", async () => {
    const { clock, target, initiator } = await connected("6.11");
    await build(target, [["unlink", `ports/1/subsystems/${nqnA}`, "ok"]]);
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 resetting ${nqnA}`]);
    await clock.advance(1000);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
  });

  it.each<[string, (target: ModelSystem) => Promise<void>, string]>([
    [
      "a host that is no longer allowed",
      (target) => build(target, [["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"]]),
      "nvmet: ctrl 1 qid 0 failure1 (1)",
    ],
    ["a key that is none", (target) => set(target, { key: "DHHC-1:00:garbage:" }), "nvmet: ctrl 1 qid 0 failure1 (2)"],
  ])("fails for %s", async (_, spoil, line) => {
    const { target, initiator } = await connected();
    await spoil(target);
    await write(initiator, `${controller}/dhchap_secret`, one);
    await turns();
    expect(last(target, 3)).toEqual([
      "nvmet: ctrl 1 qid 0 failed to setup re-authentication",
      line,
      "nvmet: ctrl 1 fatal error occurred!",
    ]);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
  });

  it("fails where the target never had a key", async () => {
    const nodes = await keyed({});
    await connect(nodes, { dhchap_secret: one });
    await write(nodes.initiator, `${controller}/dhchap_secret`, one);
    await turns();
    expect(last(nodes.target, 3)[0]).toBe("nvmet: ctrl 1 qid 0 no host key");
    expect(await controllers(nodes.initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
  });

  it("goes on with the key it has where any host is allowed by now, or the key was cleared", async () => {
    const { target, initiator } = await connected();
    await build(target, [["write", `hosts/${hostA}/dhchap_key`, two, "ok"]]);
    await build(target, [["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"]]);
    await build(target, [["write", `subsystems/${nqnA}/attr_allow_any_host`, "1", "ok"]]);
    await write(initiator, `${controller}/dhchap_secret`, one);
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
  });

  it.each([
    ["what is no key", "abc", "EINVAL"],
    ["a key that is broken", "DHHC-1:00:AAAA:", "EINVAL"],
  ])("refuses %s", async (_, secret, errno) => {
    const { initiator } = await connected();
    expect(await write(initiator, `${controller}/dhchap_secret`, secret)).toBe(errno);
  });
});
