import type { Bus } from "../shared/bus/bus.ts";
import { type Clock, deadlineIn } from "../shared/clock.ts";
import { specHash } from "../shared/identity/digest.ts";
import { agreeSession, makeAgreementKey, type Session } from "../shared/identity/session.ts";
import type { Logger } from "../shared/logger.ts";
import type { NodeId } from "../shared/protocol/ids.ts";
import type { Order } from "../shared/protocol/order.ts";
import { nodeActions } from "./actions/actions.ts";
import { Changes } from "./changes.ts";
import type { Workshop } from "./engine/converge.ts";
import { Queue } from "./engine/queue.ts";
import { Keeper } from "./keeper.ts";
import { kinds } from "./kinds/kinds.ts";
import { Checks } from "./orders/check.ts";
import { createDispatch } from "./orders/dispatch.ts";
import { Journal } from "./orders/journal.ts";
import { type Answer, answerOrders, type Dispatch, type Job } from "./orders/orders.ts";
import { Reporter } from "./reporter.ts";
import type { Store } from "./store/store.ts";
import type { System } from "./system/system.ts";
import { watchPaths } from "./watch-paths.ts";
import { createWorkshop } from "./workshop.ts";

export interface AgentOptions {
  node: NodeId;
  version: string;
  /** What the fleet groups this node by. */
  labels: Readonly<Record<string, string | true>>;
  system: System;
  bus: Bus;
  store: Store;
  clock: Clock;
  random: { fraction(): number; uuid(): string };
  log: Logger;
}

export interface Agent {
  /** Resolves when the controller has welcomed this node for the first time. */
  welcomed: Promise<void>;
  /** Stops answering. Changes nothing in the kernel. */
  close(): Promise<void>;
}

const heartbeatMillis = 5000;
/** configfs has no events: what others change there is found by looking. */
const roundMillis = 30_000;
const helloMillis = 10_000;

/** Runs an agent: no globals, so that many fit into one process. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { node, system, bus, store, clock, random, log } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const changes = new Changes(clock);
  const queue = new Queue();
  const shop: Workshop = createWorkshop({ node, system, clock, store, kinds, changes, uuid: random.uuid });
  const bootId = await readBootId(system, random.uuid);
  const reporter = await Reporter.open({ node, system, bus, store, clock, log, bootId });
  const jitter = (millis: number) => millis * (0.75 + random.fraction() / 2);
  const keeper = new Keeper({ shop, store, clock, queue, reporter, log, jitter, signal });
  let session: Session | undefined;

  const dispatch = createDispatch({
    shop,
    store,
    clock,
    queue,
    checks: new Checks(),
    report: () => reporter.make(),
    learn: (observation) => reporter.learn(observation),
  });
  const serving = bus.serve(
    node,
    answerOrders({
      node,
      clock,
      journal: new Journal(store.journal, bootId),
      dispatch: { ...dispatch, run: (order, job) => reporting(dispatch, reporter, order, job, keeper) },
      session: () => session,
      onStranger: () => void greet(),
      generation: () => store.spec.get().generation,
    }),
  );

  const hello = async (): Promise<void> => {
    const key = makeAgreementKey();
    const spec = store.spec.get();
    const welcome = await bus.ask(
      "hello",
      {
        v: 1,
        node,
        version: options.version,
        kinds: Object.keys(kinds),
        actions: [...nodeActions],
        spec: { generation: spec.generation, hash: specHash(spec) },
        bootId,
        report: reporter.sequence,
        labels: options.labels,
        key: key.publicKey,
      },
      deadlineIn(clock, helloMillis),
    );
    session = agreeSession(key.privateKey, welcome.key, {
      node,
      nonce: welcome.session,
      agentKey: key.publicKey,
      controllerKey: welcome.key,
    });
    reporter.forget();
    await reporter.report();
  };

  let welcome: () => void = () => {};
  const welcomed = new Promise<void>((resolve) => {
    welcome = resolve;
  });
  let greeting = false;
  const greet = async () => {
    if (greeting) return;
    greeting = true;
    try {
      for (let attempt = 0; !signal.aborted; attempt++) {
        try {
          await hello();
          log.info({}, "the controller has welcomed this node");
          welcome();
          return;
        } catch (error) {
          if (attempt === 0) log.warn({ err: error }, "no controller has answered the hello; trying again");
          await clock.sleep(jitter(1000), signal);
        }
      }
    } catch {
      // Stopped while it waited.
    } finally {
      greeting = false;
    }
  };
  const status = bus.onStatus(({ is }) => {
    if (is === "connected" || is === "reconnected") void greet();
  });

  const listening = changes.on(() => keeper.soon());
  void changes.follow(system, signal).catch((error: unknown) => {
    if (!signal.aborted) log.warn({ err: error }, "no kernel events: changes are found by looking");
  });
  void every(
    clock,
    () => jitter(heartbeatMillis),
    signal,
    () => {
      bus.publish({ v: 1, node, bootId, generation: store.spec.get().generation, report: reporter.sequence });
    },
  );
  void every(
    clock,
    () => jitter(roundMillis),
    signal,
    () => keeper.soon(),
  );
  void watchPaths({ system, clock, signal, changed: () => changes.tell() });
  keeper.soon();

  return {
    welcomed,
    close: async () => {
      stop.abort(new Error("the agent stops"));
      serving[Symbol.dispose]();
      status[Symbol.dispose]();
      listening[Symbol.dispose]();
      await queue.run(async () => {});
    },
  };
}

/** What an order changed is reported before it is called done: who asks for health after a run sees the run's effect. */
async function reporting(
  dispatch: Dispatch,
  reporter: Reporter,
  order: Order,
  job: Job,
  keeper: Keeper,
): Promise<Answer> {
  let changes = false;
  const effect = () => {
    changes = true;
    return job.effect();
  };
  using _ = keeper.hold();
  try {
    return await dispatch.run(order, { ...job, effect });
  } finally {
    if (changes) {
      // A candidate's last look is fresh; what an action did is known to nobody yet.
      await (order.body.do === "converge" ? reporter.reportLearned() : reporter.report());
      // What stood in the way before may be settled by it.
      keeper.soon();
    }
  }
}

async function every(clock: Clock, millis: () => number, signal: AbortSignal, work: () => void): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(millis(), signal);
      work();
    }
  } catch {
    // The signal: the agent stops.
  }
}

async function readBootId(system: System, uuid: () => string): Promise<string> {
  try {
    return (await system.read("/proc/sys/kernel/random/boot_id")).trim();
  } catch {
    return uuid();
  }
}
