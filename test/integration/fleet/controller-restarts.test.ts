import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { startAgent } from "../../../agent/agent.ts";
import { createMemoryStore } from "../../../agent/store/memory-store.ts";
import { Fleet } from "../../../controller/fleet/fleet.ts";
import type { Bus } from "../../../shared/bus/bus.ts";
import { systemClock } from "../../../shared/clock.ts";
import { createLogger } from "../../../shared/logger.ts";
import { CallId } from "../../../shared/protocol/ids.ts";
import { modelNode } from "../../support/agent-node.ts";
import { n1, soon, startHarness } from "../bus/harness.ts";

const log = createLogger({ name: "test", level: "silent" });
const fleetOn = (bus: Bus) => new Fleet({ bus, clock: systemClock, log });

/** Resolves when the fleet knows the node, and what it has. */
async function knows(fleet: Fleet): Promise<void> {
  while (fleet.find(n1)?.report === undefined) {
    await new Promise<void>((resolve) => {
      const listening = fleet.onChange(() => {
        listening[Symbol.dispose]();
        resolve();
      });
    });
  }
}

test("a controller that begins anew behind a nats-server that went on has its nodes again with their next heartbeat", async () => {
  await using harness = await startHarness();
  const first = fleetOn(await harness.controller());
  const bus = await harness.node();
  const agent = await startAgent({
    node: n1,
    version: "1.2.3",
    labels: {},
    system: modelNode(),
    bus,
    store: createMemoryStore(n1),
    clock: systemClock,
    random: { fraction: Math.random, uuid: randomUUID },
    log,
  });
  await knows(first);
  first.close();

  const second = fleetOn(await harness.controller());
  bus.publish({ v: 1, node: n1, bootId: "b", generation: 0, report: 0 });
  await knows(second);
  const done = await second.call({ to: n1, id: CallId.parse("c1"), body: { do: "facts" }, deadline: soon() });
  expect(done).toMatchObject({ outcome: "ok", result: { hostname: "flash01" } });
  await agent.close();
});
