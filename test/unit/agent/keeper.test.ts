import { beforeEach, describe, expect, test } from "vitest";
import { Queue } from "../../../agent/engine/queue.ts";
import { Keeper } from "../../../agent/keeper.ts";
import { Reporter } from "../../../agent/reporter.ts";
import { intercept } from "../../../agent/system/intercept.ts";
import { busToCome } from "../../../shared/bus/bus-to-come.ts";
import { createLogger } from "../../../shared/logger.ts";
import { type AgentNode, agentNode } from "../../support/agent-node.ts";
import { nodeId } from "../../support/wanted.ts";
import { ManualClock } from "./system/model/lab.ts";

describe("looking after the node", () => {
  let clock: ManualClock;
  let keeper: Keeper;
  let looks: number;

  beforeEach(async () => {
    clock = new ManualClock();
    looks = 0;
    const node: AgentNode = agentNode({ clock });
    const system = intercept(node.system, {
      list: (path) => {
        if (path === "/sys/class/block") looks++;
        return node.system.list(path);
      },
    });
    const log = createLogger({ name: "test", level: "silent" });
    const { store, shop } = node;
    const bus = busToCome(new Promise(() => {}), clock);
    const reporter = await Reporter.open({ node: nodeId, system, bus, store, clock, log, bootId: "b" });
    const { signal } = new AbortController();
    keeper = new Keeper({ shop, store, clock, queue: new Queue(), reporter, log, jitter: (millis) => millis, signal });
  });

  test("happens shortly after an event, once for all events until then", async () => {
    keeper.soon();
    keeper.soon();
    await clock.advance(99);
    expect(looks).toBe(0);
    await clock.advance(1);
    expect(looks).toBe(1);
  });

  test("waits for the end of the orders that are under way, and for the pause after them", async () => {
    const first = keeper.hold();
    keeper.soon();
    await clock.advance(300);
    const second = keeper.hold();
    first[Symbol.dispose]();
    await clock.advance(300);
    second[Symbol.dispose]();
    await clock.advance(499);
    expect(looks).toBe(0);
    await clock.advance(101);
    expect(looks).toBe(1);
  });

  test("does not wait for ever: a path may have failed meanwhile", async () => {
    using _ = keeper.hold();
    keeper.soon();
    await clock.advance(1900);
    expect(looks).toBe(0);
    await clock.advance(200);
    expect(looks).toBe(1);
  });
});
