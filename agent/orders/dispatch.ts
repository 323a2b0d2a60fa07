import type { Clock } from "../../shared/clock.ts";
import { actions, isActionName } from "../../shared/modules/actions/actions.ts";
import { toJson } from "../../shared/protocol/json.ts";
import type { Order } from "../../shared/protocol/order.ts";
import type { Report } from "../../shared/protocol/report.ts";
import { runAction } from "../actions/actions.ts";
import type { Workshop } from "../engine/converge.ts";
import { Queue } from "../engine/queue.ts";
import { gatherFacts } from "../observe/facts.ts";
import type { Observation } from "../observe/observe.ts";
import type { Store } from "../store/store.ts";
import { takeCandidate } from "./candidate.ts";
import type { Checks } from "./check.ts";
import { type Answer, brokenOff, type Dispatch, type Job } from "./orders.ts";
import { forgetSecrets, keepSecrets, secretsOf } from "./secrets.ts";

interface Hands {
  shop: Workshop;
  store: Store;
  clock: Clock;
  /** One at a time: what changes the node, or plans to. */
  queue: Queue;
  checks: Checks;
  report(): Promise<Report>;
  /** Told what the node has after a candidate was reached. */
  learn?(observation: Observation): void;
}

/** What an order is carried out on: the node, or in a check its shadow. */
type Bench = Omit<Hands, "checks" | "report">;

type CheckOrder = Order & { check: object };

/** What each order's body means on this node. */
export function createDispatch(hands: Hands): Dispatch {
  const { checks } = hands;
  return {
    run: (order, job) =>
      order.check === undefined
        ? carryOut(hands, order, job, hands.report)
        : check(checks, hands, { ...order, check: order.check }, job),
    repeatable: ({ body }) => body.do !== "action" || (isActionName(body.action) && actions[body.action].repeatable),
  };
}

/** The very same on the run's shadow of the node: nothing of the node changes, nor of what it keeps. */
async function check(checks: Checks, hands: Hands, order: CheckOrder, { session }: Job): Promise<Answer> {
  const trial = await checks.of(hands, order.check.run);
  return trial.queue.run(async () => {
    await keepSecrets(trial.store, secretsOf(order, { session }));
    await trial.prepare(order.body, order.check);
    const job: Job = { session, progress: () => {}, effect: async () => {} };
    const answer = await carryOut({ ...trial, queue: new Queue(), learn: () => {} }, order, job, hands.report).catch(
      brokenOff,
    );
    return { ...answer, ...trial.news(), generation: trial.store.spec.get().generation };
  });
}

async function carryOut(bench: Bench, order: Order, job: Job, report: Hands["report"]): Promise<Answer> {
  const { shop, store, clock, queue } = bench;
  const { body } = order;
  const start = clock.now();
  switch (body.do) {
    case "converge":
      return queue.run(async () => {
        await keepSecrets(store, secretsOf(order, job));
        try {
          const millis = order.deadline - (clock.now() - start);
          return await takeCandidate(bench, { ...body, millis }, job);
        } finally {
          await forgetSecrets(store);
        }
      });
    case "spec":
      return { outcome: "ok", result: toJson(store.spec.get()) };
    case "facts":
      return { outcome: "ok", result: toJson(await gatherFacts(shop.system)) };
    case "observe":
      return { outcome: "ok", result: toJson(await report()) };
    case "action":
      return runAction(body.action, body.arguments, {
        system: shop.system,
        clock,
        deadline: start + order.deadline,
        job,
        check: order.check !== undefined,
      });
  }
}
