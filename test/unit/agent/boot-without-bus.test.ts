import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { startAgent } from "../../../agent/agent.ts";
import { busToCome } from "../../../shared/bus/bus-to-come.ts";
import { systemClock } from "../../../shared/clock.ts";
import { createLogger, type Logger } from "../../../shared/logger.ts";
import { agentNode, modelNode } from "../../support/agent-node.ts";
import { nodeId } from "../../support/wanted.ts";

/** A logger, and a promise for a message of it. */
function listenFor(message: string): { log: Logger; heard: Promise<void> } {
  let hear = () => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const silent = createLogger({ name: "test", level: "silent" });
  return { log: { ...silent, info: (_, said) => said === message && hear(), child: () => silent }, heard };
}

test("a node that boots while nats-server cannot be reached restores its exports all the same", async () => {
  const before = agentNode();
  const declared = await before.converge([
    { kernel_module: { name: ["nvmet", "nvmet-tcp"] } },
    { nvmet_port: { id: 1, address: "10.0.0.1" } },
    {
      nvmet_subsystem: {
        nqn: "nqn.a",
        allow_any_host: true,
        namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
        ports: [1],
      },
    },
  ]);
  expect(declared.error).toBeUndefined();

  const rebooted = modelNode();
  const { log, heard } = listenFor("restored what the spec says");
  const agent = await startAgent({
    node: nodeId,
    version: "1.2.3",
    labels: {},
    system: rebooted,
    bus: busToCome(new Promise(() => {}), systemClock),
    store: before.store,
    clock: systemClock,
    random: { fraction: Math.random, uuid: randomUUID },
    log,
  });
  await heard;
  expect(await rebooted.list("/sys/kernel/config/nvmet/ports/1/subsystems")).toEqual(["nqn.a"]);
  expect(await rebooted.read("/sys/kernel/config/nvmet/subsystems/nqn.a/namespaces/1/enable")).toBe("1\n");
  await agent.close();
});
