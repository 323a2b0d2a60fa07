import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { type Clock, deadlineIn, systemClock } from "../../../../shared/clock.ts";
import type { Json } from "../../../../shared/protocol/json.ts";
import { type AgentNode, agentNode } from "../../../support/agent-node.ts";

const hostnqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";
const nqn = "nqn.s";

let target: AgentNode;
let initiator: AgentNode;
beforeEach(async () => {
  const fabric = createMemoryFabric();
  target = agentNode({ fabric });
  initiator = agentNode({
    fabric,
    hostname: "db01",
    addresses: ["10.0.0.2/24"],
    drives: [],
    files: { "/etc/nvme/hostnqn": `${hostnqn}\n`, "/srv/there": "" },
  });
  await target.converge([
    { nvmet_port: { id: 1, address: "10.0.0.1" } },
    { nvmet_subsystem: { nqn, allowed_hosts: [hostnqn], ports: [1] } },
  ]);
});
afterEach(async () => {
  await initiator.system.stop();
  await target.system.stop();
});

function act(
  name: string,
  args: Json,
  { check = false, clock = systemClock }: { check?: boolean; clock?: Clock } = {},
) {
  const job = { progress: () => {}, effect: async () => {} };
  return runAction(name, args, { system: initiator.system, clock, deadline: deadlineIn(clock, 60_000), check, job });
}

/** Time flies: every sleep is over at once, and something may happen in it. */
function fastClock(onSleep: (now: number) => Promise<void> | void = () => {}): Clock {
  let now = 0;
  return {
    wall: () => now,
    now: () => now,
    sleep: async (millis) => {
      now += millis;
      await onSleep(now);
    },
  };
}

describe("wait_for", () => {
  test.each<[string, Json]>([
    ["a port that listens", { host: "10.0.0.1", port: 4420 }],
    ["a port given as text", { host: "10.0.0.1", port: "4420", state: "started" }],
    ["a port that is to be silent, and is", { host: "10.0.0.1", port: 9, state: "stopped" }],
    ["a path that is there", { path: "/srv/there", state: "present" }],
    ["a path that is to be gone, and is", { path: "/srv/no", state: "absent" }],
  ])("is over at once for %s", async (_, args) => {
    expect(await act("wait_for", args)).toMatchObject({ outcome: "ok", result: { elapsed: 0 } });
  });

  test("waits until it is so, after the delay", async () => {
    const clock = fastClock(async (now) => {
      if (now >= 3000)
        await initiator.system.do({ op: "replace", path: "/srv/late", content: "", mode: 0o644 }, now + 60_000);
    });
    expect(await act("wait_for", { path: "/srv/late", delay: 1 }, { clock })).toMatchObject({
      outcome: "ok",
      result: { elapsed: 3 },
    });
  });

  test.each<[string, Json, string]>([
    ["a port that does not listen", { host: "10.0.0.1", port: 9, timeout: 2 }, "10.0.0.1:9 is not started after 2 s"],
    ["a path that stays", { path: "/srv/there", state: "absent", timeout: 2 }, "/srv/there is not absent after 2 s"],
  ])("gives up for %s", async (_, args, message) => {
    await expect(act("wait_for", args, { clock: fastClock() })).rejects.toMatchObject({ code: "deadline", message });
  });

  test("waits for nothing in a check, and refuses when there is nothing to wait for", async () => {
    expect(await act("wait_for", { path: "/srv/no" }, { check: true })).toMatchObject({
      outcome: "ok",
      result: { skipped: true },
    });
    await expect(act("wait_for", {})).rejects.toMatchObject({ code: "bad_argument" });
  });
});

describe("nvme_discover", () => {
  test("gives the records of the log as this host may see them", async () => {
    const answer = await act("nvme_discover", { address: "10.0.0.1", nqn });
    expect(answer).toMatchObject({
      outcome: "ok",
      result: {
        records: [
          { subtype: "current discovery" },
          {
            subtype: "nvm",
            nqn,
            transport: "tcp",
            address_family: "ipv4",
            address: "10.0.0.1",
            service_id: "4420",
            port_id: 1,
          },
        ],
      },
    });
  });

  test("fails where the subsystem is not offered to this host, and says what is", async () => {
    expect(await act("nvme_discover", { address: "10.0.0.1", nqn: "nqn.other" })).toMatchObject({
      outcome: "failed",
      error: {
        code: "discovery_failed",
        message: `10.0.0.1:4420 does not offer nqn.other to ${hostnqn}`,
        hint: expect.stringContaining(`it offers ${nqn}:`),
      },
    });
    expect(await act("nvme_discover", { address: "10.0.0.1", nqn, hostnqn: "nqn.stranger" })).toMatchObject({
      outcome: "failed",
      error: { hint: expect.stringContaining("it offers nothing to this host") },
    });
  });

  test.each<[string, Json, string, string]>([
    [
      "nobody listens",
      { address: "10.0.0.1", service_id: 8009 },
      "discovery_failed",
      "cannot discover at 10.0.0.1:8009: ECONNREFUSED",
    ],
    [
      "it is not over tcp",
      { address: "10.0.0.1", transport: "rdma" },
      "bad_argument",
      "cannot discover over rdma: only tcp is possible without a kernel controller",
    ],
  ])("is refused where %s", async (_, args, code, message) => {
    await expect(act("nvme_discover", args)).rejects.toMatchObject({ code, message });
  });

  test("asks in a check as in a run: it changes nothing", async () => {
    expect(await act("nvme_discover", { address: "10.0.0.1", nqn }, { check: true })).toMatchObject({
      outcome: "ok",
      result: { records: [{ subtype: "current discovery" }, { subtype: "nvm", nqn }] },
    });
  });
});
