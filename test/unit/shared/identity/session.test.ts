import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { orderDigest } from "../../../../shared/identity/digest.ts";
import { openSecrets, sealSecrets } from "../../../../shared/identity/seal.ts";
import {
  agreeSession,
  isAuthentic,
  makeAgreementKey,
  makeSessionNonce,
  signOrder,
} from "../../../../shared/identity/session.ts";
import { PublicKey } from "../../../../shared/protocol/hello.ts";
import { CallId, NodeId } from "../../../../shared/protocol/ids.ts";
import { Json } from "../../../../shared/protocol/json.ts";
import type { UnsignedOrder } from "../../../../shared/protocol/order.ts";
import { Secret } from "../../../../shared/secret.ts";

const node = NodeId.parse("n1");
const id = CallId.parse("c1");

/** Both ends of one session. */
function makeSession() {
  const [agent, controller] = [makeAgreementKey(), makeAgreementKey()];
  const nonce = makeSessionNonce();
  const agreement = { node, nonce, agentKey: agent.publicKey, controllerKey: controller.publicKey };
  return {
    atAgent: agreeSession(agent.privateKey, controller.publicKey, agreement),
    atController: agreeSession(controller.privateKey, agent.publicKey, agreement),
    otherNode: agreeSession(controller.privateKey, agent.publicKey, { ...agreement, node: NodeId.parse("n2") }),
  };
}

const unsigned: UnsignedOrder = {
  v: 1,
  to: node,
  id,
  deadline: 1000,
  body: { do: "action", action: "command", arguments: { cmd: "id" } },
};
const overWire = (value: unknown): Json => Json.parse(JSON.parse(JSON.stringify(value)));

describe("a session", () => {
  const { atAgent, atController, otherNode } = makeSession();

  test("gives both ends the same keys, and another node others", () => {
    expect(atAgent).toEqual(atController);
    expect(atAgent.macKey).not.toEqual(atAgent.sealKey);
    expect(otherNode.macKey).not.toEqual(atAgent.macKey);
  });

  test("takes an order of its own, with members in any order", () => {
    const wire = overWire(signOrder(atController, unsigned));
    expect(isAuthentic(atAgent, wire)).toBe(true);
    const members = Object.entries(wire ?? {}).reverse();
    expect(isAuthentic(atAgent, overWire(Object.fromEntries(members)))).toBe(true);
  });

  test("takes an order of a newer version with members that it does not know", () => {
    const newer = { ...unsigned, priority: 3 };
    expect(isAuthentic(atAgent, overWire(signOrder(atController, newer)))).toBe(true);
  });

  const order = signOrder(atController, unsigned);
  test.each([
    ["another recipient", { ...order, to: "n2" }],
    ["another id", { ...order, id: "c2" }],
    ["another body", { ...order, body: { do: "facts" } }],
    ["a longer deadline", { ...order, deadline: 1001 }],
    ["a member more", { ...order, check: { run: "r1" } }],
    ["another session's name", { ...order, session: "A".repeat(22) }],
    ["a short MAC", { ...order, mac: order.mac.slice(0, -1) }],
    ["no MAC", { ...order, mac: "" }],
    ["a MAC that is no text", { ...order, mac: 1 }],
    ["nothing", null],
    ["a list", []],
  ])("refuses an order with %s", (_, altered) => {
    expect(isAuthentic(atAgent, overWire(altered))).toBe(false);
  });

  test("refuses an order of another session between the same two", () => {
    expect(isAuthentic(atAgent, overWire(signOrder(makeSession().atController, unsigned)))).toBe(false);
  });

  test("refuses a key that makes no secret", () => {
    const zero = PublicKey.parse("A".repeat(43));
    const own = makeAgreementKey();
    const agreement = { node, nonce: makeSessionNonce(), agentKey: own.publicKey, controllerKey: zero };
    expect(() => agreeSession(own.privateKey, zero, agreement)).toThrow(
      expect.objectContaining({ code: "bad_message" }),
    );
  });
});

describe("sealed secrets", () => {
  const { atAgent, atController, otherNode } = makeSession();

  test("come out as they went in", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== "__proto__"),
          fc.string(),
        ),
        (values) => {
          const secrets = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Secret(value)]));
          const opened = openSecrets(atAgent, id, sealSecrets(atController, id, secrets));
          expect(Object.fromEntries([...opened].map(([name, secret]) => [name, secret.reveal()]))).toEqual(values);
        },
      ),
    );
  });

  const sealed = sealSecrets(atController, id, { chap: new Secret("DHHC-1:00:abc:") });
  const refused = expect.objectContaining({ code: "key_missing" });

  test("show nothing, and are another text each time", () => {
    expect(JSON.stringify(sealed)).not.toContain("chap");
    expect(sealSecrets(atController, id, { chap: new Secret("DHHC-1:00:abc:") })).not.toEqual(sealed);
  });

  test("do not open for another call, in another session, or altered", () => {
    expect(() => openSecrets(atAgent, CallId.parse("c2"), sealed)).toThrow(refused);
    expect(() => openSecrets(otherNode, id, sealed)).toThrow(refused);
    expect(() => openSecrets(atAgent, id, { ...sealed, box: `A${sealed.box.slice(1)}A` })).toThrow(refused);
    expect(() => openSecrets(atAgent, id, { ...sealed, box: "" })).toThrow(refused);
    expect(() => openSecrets(atAgent, id, { ...sealed, nonce: "" })).toThrow(refused);
  });
});

test("an order that is signed again has the same digest; one with another body has not", () => {
  const first = signOrder(makeSession().atController, unsigned);
  const again = signOrder(makeSession().atController, { ...unsigned, deadline: 5 });
  expect(orderDigest(again)).toBe(orderDigest(first));
  expect(orderDigest({ ...first, body: { do: "facts" } })).not.toBe(orderDigest(first));
});
