import { Queue } from "../../agent/engine/queue.ts";
import { Checks } from "../../agent/orders/check.ts";
import { createDispatch } from "../../agent/orders/dispatch.ts";
import type { Answer, Job } from "../../agent/orders/orders.ts";
import { sealSecrets } from "../../shared/identity/seal.ts";
import { agreeSession, makeAgreementKey, makeSessionNonce, signOrder } from "../../shared/identity/session.ts";
import { CallId, RunId } from "../../shared/protocol/ids.ts";
import type { AssumedConnection, AssumedListener } from "../../shared/protocol/listener.ts";
import type { OrderBody } from "../../shared/protocol/order.ts";
import { Secret } from "../../shared/secret.ts";
import type { AgentNode } from "./agent-node.ts";
import { editOf, nodeId, type Tasks } from "./wanted.ts";

const [agent, controller] = [makeAgreementKey(), makeAgreementKey()];
const session = agreeSession(agent.privateKey, controller.publicKey, {
  node: nodeId,
  nonce: makeSessionNonce(),
  agentKey: agent.publicKey,
  controllerKey: controller.publicKey,
});

interface Extra {
  /** In a check of this run. */
  run?: string;
  assume?: readonly AssumedListener[];
  connections?: readonly AssumedConnection[];
  secrets?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  deadline?: number;
}

/** Where a node's orders come in, without bus and journal. */
export interface Desk {
  give(body: OrderBody, extra?: Extra): Promise<Answer>;
  /** Tasks, one order each, as a controller edits the node's spec with them. In a check, on what the check has come to. */
  tasks(each: Tasks, extra?: Extra): Promise<Answer[]>;
  /** How often an order was about to change something. */
  effects(): number;
}

export function deskOf({ shop, store }: Pick<AgentNode, "shop" | "store">): Desk {
  let effects = 0;
  const dispatch = createDispatch({
    shop,
    store,
    clock: shop.clock,
    queue: new Queue(),
    checks: new Checks(),
    report: () => Promise.reject(new Error("not asked for")),
    learn: () => {},
  });
  const job: Job = {
    session,
    progress: () => {},
    effect: async () => {
      effects++;
    },
  };
  const give: Desk["give"] = (body, { run, assume = [], connections = [], secrets = {}, deadline = 120_000 } = {}) => {
    const id = CallId.parse("c1");
    const values = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, new Secret(value)]));
    const assumed = { assume: [...assume], connections: [...connections] };
    const check = run === undefined ? {} : { check: { run: RunId.parse(run), ...assumed } };
    const order = signOrder(
      session,
      { v: 1, to: nodeId, id, deadline, body, ...check },
      sealSecrets(session, id, values),
    );
    return dispatch.run(order, job);
  };
  return {
    give,
    effects: () => effects,
    tasks: async (tasks, extra) => {
      const answers: Answer[] = [];
      let spec = store.spec.get();
      for (const task of tasks) {
        const answer = await give({ do: "converge", edit: editOf(spec, [task]) }, extra);
        answers.push(answer);
        spec = { ...store.spec.get(), generation: answer.generation ?? store.spec.get().generation };
      }
      return answers;
    },
  };
}
