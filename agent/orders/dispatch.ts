import type { Clock } from "../../shared/clock.ts";
import { actions, isActionName } from "../../shared/modules/actions/actions.ts";
import { isJsonRecord, toJson } from "../../shared/protocol/json.ts";
import type { OpenBody, Order } from "../../shared/protocol/order.ts";
import type { Report } from "../../shared/protocol/report.ts";
import type { Checking } from "../actions/action.ts";
import { runAction } from "../actions/actions.ts";
import type { Workshop } from "../engine/converge.ts";
import { Queue } from "../engine/queue.ts";
import { gatherFacts } from "../observe/facts.ts";
import type { Observation } from "../observe/observe.ts";
import type { Store } from "../store/store.ts";
import { takeCandidate } from "./candidate.ts";
import type { Checks } from "./check.ts";
import { type Answer, brokenOff, type Dispatch, type Job } from "./orders.ts";
import { forgetSecrets, keepSecrets, openBody, secretsOf } from "./secrets.ts";

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
type Bench = Omit<Hands, "checks" | "report"> & { checking?: Checking };

/** An order with its body opened. */
type OpenOrder = Order & { body: OpenBody };
type CheckOrder = OpenOrder & { check: object };

/** What each order's body means on this node. */
export function createDispatch(hands: Hands): Dispatch {
  const { checks } = hands;
  return {
    run: async (sealed, job) => {
      const order = { ...sealed, body: openBody(sealed, job) };
      return order.check === undefined
        ? carryOut(hands, order, job, hands.report)
        : check(checks, hands, { ...order, check: order.check }, job);
    },
    rebooted: ({ body }) => ("action" in body && body.action === "reboot" ? bootedAnew : undefined),
    repeatable: ({ body }) =>
      (body.do !== "action" && body.do !== "sealed_action") ||
      (isActionName(body.action) && actions[body.action].repeatable),
  };
}

/** Of the order to reboot: that it was cut off by a boot is what it was for. */
const bootedAnew: Answer = { outcome: "changed", result: { rebooted: true } };

/** The very same on the run's shadow of the node: nothing of the node changes, nor of what it keeps. */
async function check(checks: Checks, hands: Hands, order: CheckOrder, { session }: Job): Promise<Answer> {
  const trial = await checks.of(hands, order.check.run);
  return trial.queue.run(async () => {
    await keepSecrets(trial.store, secretsOf(order, { session }));
    await trial.prepare(order.body, order.check);
    const job: Job = { session, progress: () => {}, effect: async () => {} };
    const { foreseen } = trial;
    const { clock } = hands;
    const own = { node: hands.shop.system, clock, deadline: clock.now() + order.deadline, foreseen };
    const bench = { ...trial, queue: new Queue(), learn: () => {}, checking: own };
    const answer = await carryOut(bench, order, job, hands.report).catch(brokenOff);
    if (isJsonRecord(answer.result) && answer.result.skipped === true) foreseen.skipped();
    return { ...answer, ...trial.news(), generation: trial.store.spec.get().generation };
  });
}

async function carryOut(bench: Bench, order: OpenOrder, job: Job, report: Hands["report"]): Promise<Answer> {
  const { shop, store, clock, queue, checking } = bench;
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
      return { outcome: "ok", result: toJson(await gatherFacts(shop.system, clock, checking)) };
    case "observe":
      return { outcome: "ok", result: toJson(await report()) };
    case "action":
      return runAction(body.action, body.arguments, {
        system: shop.system,
        clock,
        deadline: start + order.deadline,
        job,
        environment: body.environment,
        covered: order.covered,
        check: order.check !== undefined,
        checking,
      });
  }
}
