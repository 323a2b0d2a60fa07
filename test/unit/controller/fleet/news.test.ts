import { expect, test } from "vitest";
import { judge } from "../../../../controller/fleet/health.ts";
import { newsOf } from "../../../../controller/fleet/news.ts";
import type { FleetNode } from "../../../../controller/fleet/node.ts";
import { agreeSession, makeAgreementKey, makeSessionNonce } from "../../../../shared/identity/session.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";

const id = NodeId.parse("db01");
const heardAt = 100_000;

function node(): FleetNode {
  const [own, other] = [makeAgreementKey(), makeAgreementKey()];
  const nonce = makeSessionNonce();
  const agreement = { node: id, nonce, agentKey: other.publicKey, controllerKey: own.publicKey };
  return {
    id,
    hello: {
      v: 1,
      node: id,
      version: "1",
      kinds: [],
      actions: [],
      spec: { generation: 0, hash: "" },
      bootId: "b",
      report: 1,
      labels: {},
      key: other.publicKey,
    },
    session: agreeSession(own.privateKey, other.publicKey, agreement),
    report: undefined,
    heardAt,
    generation: 0,
  };
}

test.each([
  ["just heard", 0, "healthy"],
  ["silent for two heartbeats", 10_000, "healthy"],
  ["silent for 12.5 s", 12_500, "healthy"],
  ["silent for longer", 12_501, "unknown"],
  ["silent for an hour", 3_600_000, "unknown"],
])("a node, %s: %i ms, is %s", (_, quiet, state) => {
  const { nodes } = judge([newsOf(node(), heardAt + quiet)]);
  expect(nodes).toMatchObject([{ node: "db01", state }]);
  if (state === "unknown")
    expect(nodes[0]?.reasons[0]).toContain(`nothing heard of db01 for ${Math.round(quiet / 1000)} s`);
});
