import type { Clock } from "../../shared/clock.ts";
import { actions, isActionName } from "../../shared/modules/actions/actions.ts";
import { toJson } from "../../shared/protocol/json.ts";
import type { Order } from "../../shared/protocol/order.ts";
import type { Report } from "../../shared/protocol/report.ts";
import { runAction } from "../actions/actions.ts";
import type { Workshop } from "../engine/converge.ts";
import type { Queue } from "../engine/queue.ts";
import { gatherFacts } from "../observe/facts.ts";
import type { Store } from "../store/store.ts";
import { takeCandidate } from "./candidate.ts";
import type { Checks } from "./check.ts";
import type { Answer, Dispatch, Job } from "./orders.ts";
import { forgetSecrets, keepSecrets, secretsOf } from "./secrets.ts";

interface Hands {
  shop: Workshop;
  store: Store;
  clock: Clock;
  /** One at a time: what changes the node, or plans to. */
  queue: Queue;
  checks: Checks;
  report(): Promise<Report>;
}

/** What each order's body means on this node. */
export function createDispatch(hands: Hands): Dispatch {
  const { shop, store, clock, queue, checks } = hands;
  const run = async (order: Order, job: Job): Promise<Answer> => {
    const { body, check } = order;
    const start = clock.now();
    switch (body.do) {
      case "converge":
        return queue.run(async () => {
          const secrets = secretsOf(order, job);
          if (check !== undefined) return checks.run(shop, check.run, store.spec.get(), body, secrets);
          await keepSecrets(store, secrets);
          try {
            const millis = order.deadline - (clock.now() - start);
            return await takeCandidate({ shop, store, clock }, { ...body, millis }, job);
          } finally {
            await forgetSecrets(store);
          }
        });
      case "spec":
        return { outcome: "ok", result: toJson(store.spec.get()) };
      case "facts":
        return { outcome: "ok", result: toJson(await gatherFacts(shop.system)) };
      case "observe":
        return { outcome: "ok", result: toJson(await hands.report()) };
      case "action": {
        const deadline = start + order.deadline;
        return runAction(body.action, body.arguments, {
          system: shop.system,
          clock,
          deadline,
          job,
          check: check !== undefined,
        });
      }
    }
  };
  return {
    run,
    repeatable: ({ body }) => body.do !== "action" || (isActionName(body.action) && actions[body.action].repeatable),
  };
}
