import { randomUUID } from "node:crypto";
import { type Agent, startAgent } from "../../agent/agent.ts";
import { createMemoryStore } from "../../agent/store/memory-store.ts";
import type { Store } from "../../agent/store/store.ts";
import type { System } from "../../agent/system/system.ts";
import type { Bus, Serve } from "../../shared/bus/bus.ts";
import { type Clock, systemClock } from "../../shared/clock.ts";
import {
  agreeSession,
  makeAgreementKey,
  makeSessionNonce,
  type Session,
  signOrder,
} from "../../shared/identity/session.ts";
import type { Logger } from "../../shared/logger.ts";
import type { KindDefinition } from "../../shared/modules/kind.ts";
import { type KindName, kinds } from "../../shared/modules/kinds/kinds.ts";
import { answers } from "../../shared/protocol/ask.ts";
import type { Hello } from "../../shared/protocol/hello.ts";
import { CallId, NodeId } from "../../shared/protocol/ids.ts";
import { JsonRecord } from "../../shared/protocol/json.ts";
import { Order, type OrderBody } from "../../shared/protocol/order.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import { entryKey } from "../../shared/protocol/spec.ts";

/** Milliseconds for one order. */
const patience = 60_000;

/** A controller for one agent, within the process: it welcomes it, takes its reports and gives it orders. */
export class Desk {
  readonly node: NodeId;
  readonly store: Store;
  #session: Session | undefined;
  #serve: Serve | undefined;
  #agent: Agent | undefined;
  /** Reports that came. */
  reports = 0;

  constructor(name: string) {
    this.node = NodeId.parse(name);
    this.store = createMemoryStore(this.node);
  }

  /** Starts the agent on a system; resolves when it has been welcomed. What it keeps is in memory. */
  async start(system: System, log: Logger, clock: Clock = systemClock): Promise<void> {
    this.#agent = await startAgent({
      node: this.node,
      version: "bench",
      labels: {},
      system,
      bus: this.#bus(),
      store: this.store,
      clock,
      random: { fraction: Math.random, uuid: randomUUID },
      log,
    });
    await this.#agent.welcomed;
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }

  /** One order as it comes over the bus: as text, which the agent has to understand and to check. */
  async order(body: OrderBody): Promise<Done> {
    if (this.#session === undefined || this.#serve === undefined) throw new Error("no agent has said hello");
    const id = CallId.parse(randomUUID());
    const signed = signOrder(this.#session, { v: 1, to: this.node, id, deadline: patience, body });
    const wire = JSON.parse(JSON.stringify(signed));
    for await (const reply of this.#serve(Order.parse(wire), wire)) if (reply.is === "done") return reply;
    throw new Error("the agent never came to an end");
  }

  /** A task as a playbook has it. Throws where it failed. */
  async task(kind: KindName, written: object): Promise<Done> {
    const definition: KindDefinition = kinds[kind];
    const resource = definition.schema.parse(written);
    const state = resource.state === "absent" ? "absent" : "present";
    const key = entryKey(kind, definition.key(resource));
    const { generation } = this.store.spec.get();
    const entry = {
      kind,
      state,
      resource: JsonRecord.parse(JSON.parse(JSON.stringify(resource))),
      owner: "bench",
    } as const;
    const edit = { base: generation, generation: generation + 1, set: { [key]: entry } };
    const done = await this.order({ do: "converge", edit, subject: key });
    if (done.error !== undefined) throw new Error(`${key}: ${done.error.message}`);
    return done;
  }

  #welcome(hello: Hello) {
    const { publicKey, privateKey } = makeAgreementKey();
    const nonce = makeSessionNonce();
    const agreement = { node: this.node, nonce, agentKey: hello.key, controllerKey: publicKey };
    this.#session = agreeSession(privateKey, hello.key, agreement);
    return { v: 1, session: nonce, key: publicKey };
  }

  #bus(): Bus {
    const nothing: Disposable = { [Symbol.dispose]: () => {} };
    return {
      call: () => {
        throw new Error("an agent calls nobody");
      },
      serve: (_, answer) => {
        this.#serve = answer;
        return nothing;
      },
      ask: async (kind, question) => {
        if ("sequence" in question) this.reports++;
        return answers[kind].parse(
          "sequence" in question ? { v: 1, sequence: question.sequence } : this.#welcome(question),
        );
      },
      answer: () => nothing,
      publish: () => {},
      onHeartbeat: () => nothing,
      onStatus: (handler) => {
        handler({ is: "connected" });
        return nothing;
      },
      close: async () => {},
    };
  }
}
