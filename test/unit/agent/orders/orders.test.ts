import { beforeEach, describe, expect, test } from "vitest";
import { Journal } from "../../../../agent/orders/journal.ts";
import { type Answer, answerOrders, type Job } from "../../../../agent/orders/orders.ts";
import { createMemoryStore } from "../../../../agent/store/memory-store.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { FlashfleetError } from "../../../../shared/errors.ts";
import {
  agreeSession,
  makeAgreementKey,
  makeSessionNonce,
  type Session,
  signOrder,
} from "../../../../shared/identity/session.ts";
import { CallId, NodeId } from "../../../../shared/protocol/ids.ts";
import { Json } from "../../../../shared/protocol/json.ts";
import { Order, type UnsignedOrder } from "../../../../shared/protocol/order.ts";
import type { Reply } from "../../../../shared/protocol/reply.ts";

const node = NodeId.parse("flash01");

function makeSession(): Session {
  const [agent, controller] = [makeAgreementKey(), makeAgreementKey()];
  const nonce = makeSessionNonce();
  return agreeSession(agent.privateKey, controller.publicKey, {
    node,
    nonce,
    agentKey: agent.publicKey,
    controllerKey: controller.publicKey,
  });
}

const command = (cmd: string): UnsignedOrder["body"] => ({ do: "action", action: "command", arguments: { cmd } });
const unsigned = (more: Partial<UnsignedOrder> = {}): UnsignedOrder => ({
  v: 1,
  to: node,
  id: CallId.parse("c1"),
  deadline: 1000,
  body: command("true"),
  ...more,
});

/** An agent's desk: what it did, and how orders reach it. `start` again is a restart with the same disk. */
function makeDesk() {
  const store = createMemoryStore(node);
  const did: string[] = [];
  const desk = {
    did,
    store,
    session: makeSession() as Session | undefined,
    strangers: 0,
    bootId: "boot-1",
    work: async (_order: Order, job: Job): Promise<Answer> => {
      await job.effect();
      return { outcome: "changed", result: did.length };
    },
    start() {
      const answer = answerOrders({
        node,
        clock: systemClock,
        journal: new Journal(store.journal, desk.bootId),
        session: () => desk.session,
        onStranger: () => {
          desk.strangers++;
        },
        generation: () => 7,
        dispatch: {
          repeatable: ({ body }) => body.do === "converge" || body.do === "spec",
          rebooted: ({ body }) =>
            "action" in body && body.action === "reboot" ? { outcome: "changed", result: "booted" } : undefined,
          run: (order, job) => {
            did.push(order.id);
            return desk.work(order, job);
          },
        },
      });
      return async (wire: object): Promise<Reply[]> => {
        const json = Json.parse(JSON.parse(JSON.stringify(wire)));
        const replies: Reply[] = [];
        for await (const reply of answer(Order.parse(json), json)) replies.push(reply);
        return replies;
      };
    },
    sign(more: Partial<UnsignedOrder> = {}): Order {
      if (desk.session === undefined) throw new Error("no session");
      return signOrder(desk.session, unsigned(more));
    },
  };
  return desk;
}

let desk: ReturnType<typeof makeDesk>;
beforeEach(() => {
  desk = makeDesk();
});

describe("an order", () => {
  test("is accepted, tells how it goes, and ends with what it came to", async () => {
    desk.work = async (_, job) => {
      job.progress("half way");
      job.progress("out", "stdout");
      return { outcome: "ok", result: 1 };
    };
    expect(await desk.start()(desk.sign())).toEqual([
      { v: 1, id: "c1", is: "accepted" },
      { v: 1, id: "c1", is: "progress", seq: 1, text: "half way" },
      { v: 1, id: "c1", is: "progress", seq: 2, text: "out", stream: "stdout" },
      { v: 1, id: "c1", is: "done", outcome: "ok", result: 1, steps: [], generation: 7 },
    ]);
  });

  test("sent again is answered from the journal, word for word, and not done again", async () => {
    const send = desk.start();
    const first = await send(desk.sign());
    expect(await send(desk.sign({ deadline: 5 }))).toEqual(first);
    expect(desk.did).toEqual(["c1"]);
  });

  test("sent again while it runs joins the one that runs", async () => {
    let finish = (_: Answer) => {};
    desk.work = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const send = desk.start();
    const both = [send(desk.sign()), send(desk.sign())];
    await new Promise((resolve) => setImmediate(resolve));
    finish({ outcome: "ok", result: {} });
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    expect(desk.did).toEqual(["c1"]);
  });

  test("that failed is failed, with its error", async () => {
    desk.work = async () => {
      throw new FlashfleetError("command_failed", "it broke", { hint: "mend it" });
    };
    expect((await desk.start()(desk.sign())).at(-1)).toMatchObject({
      outcome: "failed",
      error: { code: "command_failed", message: "it broke", hint: "mend it" },
    });
  });

  test("whose end cannot be written down is not called done", async () => {
    desk.store.journal.set = async () => {
      throw new FlashfleetError("store_failed", "cannot write");
    };
    desk.work = async (_, job) => {
      await job.effect().catch(() => undefined);
      return { outcome: "changed", result: {} };
    };
    expect((await desk.start()(desk.sign())).at(-1)).toMatchObject({
      outcome: "failed",
      error: { code: "store_failed" },
    });
  });
});

describe("what is refused, and not done", () => {
  test.each<[string, () => object, string]>([
    ["an order for another node", () => desk.sign({ to: NodeId.parse("flash02") }), "bad_message"],
    [
      "an order without a session",
      () => {
        const order = desk.sign();
        desk.session = undefined;
        return order;
      },
      "stale_order",
    ],
    [
      "an order of an earlier session",
      () => {
        const order = desk.sign();
        desk.session = makeSession();
        return order;
      },
      "stale_order",
    ],
    ["an order that was altered on the way", () => ({ ...desk.sign(), body: command("reboot") }), "stale_order"],
    ["an order with a longer deadline than was signed", () => ({ ...desk.sign(), deadline: 9e9 }), "stale_order"],
    ["an order with something added", () => ({ ...desk.sign(), check: { run: "r1" } }), "stale_order"],
    ["an order with a made-up MAC", () => ({ ...desk.sign(), mac: "A".repeat(43) }), "stale_order"],
    [
      "an order signed with another node's key",
      () => ({ ...signOrder(makeSession(), unsigned()), session: desk.sign().session }),
      "stale_order",
    ],
  ])("%s", async (_, make, code) => {
    const send = desk.start();
    expect(await send(make())).toMatchObject([{ is: "done", outcome: "refused", error: { code } }]);
    expect(desk.did).toEqual([]);
    expect(desk.strangers).toBe(code === "stale_order" ? 1 : 0);
  });

  test("another order under a known id, in this life and after a restart", async () => {
    await desk.start()(desk.sign());
    const other = desk.sign({ body: command("reboot") });
    for (const send of [desk.start(), desk.start()]) {
      expect(await send(other)).toMatchObject([{ outcome: "refused", error: { code: "call_reused" } }]);
    }
    expect(desk.did).toEqual(["c1"]);
  });
});

describe("after a restart", () => {
  const never = () => new Promise<Answer>(() => {});
  const converge: UnsignedOrder["body"] = { do: "converge", edit: { base: 0, generation: 1, set: {} } };

  /** The order begins, has an effect, and the agent is stopped. */
  async function cutOff(body: UnsignedOrder["body"], effect: boolean): Promise<void> {
    const begun = new Promise<void>((resolve) => {
      desk.work = async (_, job) => {
        if (effect) await job.effect();
        resolve();
        return never();
      };
    });
    void desk.start()(desk.sign({ body }));
    await begun;
    desk.work = async () => ({ outcome: "changed", result: "again" });
  }

  test("an order that was done is answered from the disk", async () => {
    const first = await desk.start()(desk.sign());
    expect(await desk.start()(desk.sign())).toEqual(first.filter(({ is }) => is === "done"));
    expect(desk.did).toEqual(["c1"]);
  });

  test("an order without effect leaves nothing on the disk and is done again", async () => {
    desk.work = async () => ({ outcome: "ok", result: {} });
    await desk.start()(desk.sign());
    expect(desk.store.journal.get()).toEqual([]);
    await desk.start()(desk.sign());
    expect(desk.did).toEqual(["c1", "c1"]);
  });

  test("a reboot that the machine's boot cut off has done what it was for, and is not done again", async () => {
    await cutOff({ do: "action", action: "reboot", arguments: {} }, true);
    const order = () => desk.sign({ body: { do: "action", action: "reboot", arguments: {} } });
    desk.bootId = "boot-2";
    for (const send of [desk.start(), desk.start()]) {
      expect((await send(order())).at(-1)).toMatchObject({ outcome: "changed", result: "booted" });
    }
    expect(desk.did).toEqual(["c1"]);
  });

  test("a reboot that only the agent's end cut off has not happened", async () => {
    const body = { do: "action", action: "reboot", arguments: {} } as const;
    await cutOff(body, true);
    expect((await desk.start()(desk.sign({ body }))).at(-1)).toMatchObject({ outcome: "interrupted" });
  });

  test("a command that was cut off is interrupted, now and whenever it is asked for again", async () => {
    await cutOff(command("mkfs"), true);
    for (const send of [desk.start(), desk.start()]) {
      expect((await send(desk.sign({ body: command("mkfs") }))).at(-1)).toMatchObject({
        outcome: "interrupted",
        error: { code: "interrupted" },
      });
    }
    expect(desk.did).toEqual(["c1"]);
  });

  test("a command that was cut off before it had an effect is simply done", async () => {
    await cutOff(command("mkfs"), false);
    expect((await desk.start()(desk.sign({ body: command("mkfs") }))).at(-1)).toMatchObject({ outcome: "changed" });
  });

  test("a convergence that was cut off is done again", async () => {
    await cutOff(converge, true);
    expect((await desk.start()(desk.sign({ body: converge }))).at(-1)).toMatchObject({
      outcome: "changed",
      result: "again",
    });
    expect(desk.did).toEqual(["c1", "c1"]);
  });

  test("only so many orders are remembered", async () => {
    const send = desk.start();
    for (let index = 0; index < 510; index++) await send(desk.sign({ id: CallId.parse(`c${index}`) }));
    expect(desk.store.journal.get()).toHaveLength(500);
    expect(desk.store.journal.get().at(-1)).toMatchObject({ id: "c509", done: { outcome: "changed" } });
  });
});
