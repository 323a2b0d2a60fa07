import { beforeEach, describe, expect, test } from "vitest";
import { Queue } from "../../../../agent/engine/queue.ts";
import { Checks } from "../../../../agent/orders/check.ts";
import { createDispatch } from "../../../../agent/orders/dispatch.ts";
import type { Job } from "../../../../agent/orders/orders.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { sealSecrets } from "../../../../shared/identity/seal.ts";
import { agreeSession, makeAgreementKey, makeSessionNonce, signOrder } from "../../../../shared/identity/session.ts";
import { formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";
import { CallId } from "../../../../shared/protocol/ids.ts";
import type { OrderBody } from "../../../../shared/protocol/order.ts";
import { Secret } from "../../../../shared/secret.ts";
import { type AgentNode, agentNode } from "../../../support/agent-node.ts";
import { editOf, nodeId, type Tasks } from "../../../support/wanted.ts";

const [agent, controller] = [makeAgreementKey(), makeAgreementKey()];
const session = agreeSession(agent.privateKey, controller.publicKey, {
  node: nodeId,
  nonce: makeSessionNonce(),
  agentKey: agent.publicKey,
  controllerKey: controller.publicKey,
});

interface Extra {
  secrets?: Record<string, string>;
}

let node: AgentNode;
let dispatch: ReturnType<typeof createDispatch>;
let effects: number;
beforeEach(() => {
  node = agentNode();
  effects = 0;
  dispatch = createDispatch({
    shop: node.shop,
    store: node.store,
    clock: systemClock,
    queue: new Queue(),
    checks: new Checks(),
    report: () => Promise.reject(new Error("not asked for")),
    learn: () => {},
  });
});

function give(body: OrderBody, { secrets = {} }: Extra = {}) {
  const id = CallId.parse("c1");
  const values = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, new Secret(value)]));
  const order = signOrder(session, { v: 1, to: nodeId, id, deadline: 10_000, body }, sealSecrets(session, id, values));
  const job: Job = {
    session,
    progress: () => {},
    effect: async () => {
      effects++;
    },
  };
  return dispatch.run(order, job);
}

const tasks = (edit: Tasks, extra?: Extra) =>
  give({ do: "converge", edit: editOf(node.store.spec.get(), edit) }, extra);
const says = ({ steps = [] }: { steps?: { says: string }[] }) => steps.map((step) => step.says);

const port: Tasks = [{ nvmet_port: { id: 1, address: "10.0.0.1" } }];
const key = (fill: number) => formatDhchapKey(new Uint8Array(32).fill(fill));
const host = (version: string): Tasks => [{ nvmet_host: { nqn: "nqn.h", dhchap_key: { secret: "key", version } } }];
const keyFile = "/sys/kernel/config/nvmet/hosts/nqn.h/dhchap_key";

describe("a convergence", () => {
  test("keeps the secrets that its spec refers to, and forgets the versions that it no longer does", async () => {
    expect(await tasks(host("1"), { secrets: { "key@1": key(1) } })).toMatchObject({ outcome: "changed" });
    expect(await node.system.read(keyFile)).toBe(`${key(1)}\n`);
    expect(await tasks(host("2"), { secrets: { "key@2": key(2) } })).toMatchObject({ outcome: "changed" });
    expect(await node.system.read(keyFile)).toBe(`${key(2)}\n`);
    expect(node.store.secrets.get()).toEqual({ "key@2": key(2) });
  });

  test("that was not given a new key is refused, and keeps the old one", async () => {
    await tasks(host("1"), { secrets: { "key@1": key(1) } });
    expect(await tasks(host("2"))).toMatchObject({ outcome: "refused", error: { code: "key_missing" } });
    expect(await node.system.read(keyFile)).toBe(`${key(1)}\n`);
    expect(node.store.secrets.get()).toEqual({ "key@1": key(1) });
  });

  test("never says a key: not in its steps, its errors, nor its result", async () => {
    const answer = await tasks(host("1"), { secrets: { "key@1": key(1) } });
    expect(says(answer)).toContain("set dhchap_key to [secret] of host nqn.h");
    expect(JSON.stringify(answer)).not.toContain("DHHC");
  });

  test("of two at once works one after the other: the second is told that the spec has moved on", async () => {
    const first = tasks(port);
    await expect(tasks(port)).rejects.toMatchObject({ code: "call_refused" });
    expect(await first).toMatchObject({ outcome: "changed" });
  });

  test("counts as an effect before anything is changed, and not where nothing is", async () => {
    await tasks(port);
    expect(effects).toBeGreaterThan(0);
    effects = 0;
    await tasks(port);
    expect(effects).toBe(0);
  });
});

describe("questions", () => {
  test("the spec is given as it is kept", async () => {
    await tasks(port);
    expect(await give({ do: "spec" })).toEqual({ outcome: "ok", result: node.store.spec.get() });
  });

  test("facts name the node and its drives", async () => {
    expect(await give({ do: "facts" })).toMatchObject({
      outcome: "ok",
      result: {
        hostname: "flash01",
        address: "10.0.0.1",
        drives: [{ path: "/dev/nvme0n1" }, { path: "/dev/nvme1n1" }],
      },
    });
  });

  test("an action is carried out, and only some of them may be done twice", async () => {
    const act = (action: string, args: object) => ({ do: "action", action, arguments: { ...args } }) as const;
    expect(await give(act("command", { cmd: "hostname" }))).toMatchObject({ result: { stdout: "flash01" } });
    const repeatable = (body: OrderBody) =>
      dispatch.repeatable(signOrder(session, { v: 1, to: nodeId, id: CallId.parse("c"), deadline: 1, body }));
    expect(repeatable(act("command", {}))).toBe(false);
    expect(repeatable(act("unheard_of", {}))).toBe(false);
    expect(repeatable(act("wait_for", {}))).toBe(true);
    expect(repeatable({ do: "facts" })).toBe(true);
  });
});
