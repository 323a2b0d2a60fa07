import { describe, expect, test } from "vitest";
import { openReply, sealReply } from "../../../../shared/identity/sealed-reply.ts";
import { agreeSession, makeAgreementKey, makeSessionNonce, type Session } from "../../../../shared/identity/session.ts";
import { CallId, NodeId } from "../../../../shared/protocol/ids.ts";
import { Reply } from "../../../../shared/protocol/reply.ts";

function makeSession(): Session {
  const [agent, controller] = [makeAgreementKey(), makeAgreementKey()];
  return agreeSession(agent.privateKey, controller.publicKey, {
    node: NodeId.parse("n1"),
    nonce: makeSessionNonce(),
    agentKey: agent.publicKey,
    controllerKey: controller.publicKey,
  });
}

const id = CallId.parse("c1");
const replies: Reply[] = [
  { v: 1, id, is: "accepted" },
  { v: 1, id, is: "progress", seq: 3, text: "the-secret", stream: "stderr" },
  {
    v: 1,
    id,
    is: "done",
    outcome: "failed",
    generation: 7,
    steps: [{ resource: "r", phase: "p", says: "write the-secret", cost: "none" }],
    result: { stdout: "the-secret", list: [1, null] },
    error: { code: "command_failed", message: "the-secret", cause: { code: "internal", message: "the-secret" } },
  },
  { v: 1, id, is: "done", outcome: "ok", generation: 0, steps: [], result: null },
];

describe("a reply of a sealed order", () => {
  test.each(replies.map((reply) => [reply.is, reply] as const))(
    "%s is the same again, and says nothing on the way",
    (_, reply) => {
      const session = makeSession();
      const wire = Reply.parse(JSON.parse(JSON.stringify(sealReply(session, reply))));
      expect(JSON.stringify(wire)).not.toContain("the-secret");
      expect(openReply([session], wire)).toEqual(reply);
      expect(openReply([], reply)).toEqual(reply);
    },
  );

  test("opens in the session that it was sent in, whichever of those it was, and in no other", () => {
    const [before, now] = [makeSession(), makeSession()];
    const wire = sealReply(before, replies[1] ?? { v: 1, id, is: "accepted" });
    expect(openReply([now, before], wire)).toEqual(replies[1]);
    expect(() => openReply([now], wire)).toThrow("sealed with another key");
    expect(() => openReply([before], { ...wire, id: CallId.parse("c2") })).toThrow("sealed with another key");
  });
});
