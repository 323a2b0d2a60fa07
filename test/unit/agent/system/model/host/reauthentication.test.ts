import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import { build, controllers, hostA, nqnA, turns } from "../lab.ts";
import { connect, controller, keyed, last, one, set, two, write } from "./keys.ts";

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
