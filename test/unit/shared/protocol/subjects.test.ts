import { describe, expect, test } from "vitest";
import { NodeId, RunId } from "../../../../shared/protocol/ids.ts";
import {
  controller,
  inboxOf,
  isInboxOf,
  nodeOf,
  nodePrincipal,
  runOf,
  subjects,
} from "../../../../shared/protocol/subjects.ts";

const n1 = NodeId.parse("n1");
const r1 = RunId.parse("r1");

describe("subjects", () => {
  test("name the node or the run that they belong to", () => {
    expect([subjects.call(n1), subjects.heartbeat(n1), subjects.ask(n1, "hello")].map(nodeOf)).toEqual([n1, n1, n1]);
    expect(runOf(subjects.run(r1))).toBe(r1);
  });

  test.each(["ff.v1.run.r1", "ff.v1.node", "ff.v1.node.A.call", "other.v1.node.n1.call", "ff.v2.node.n1.call", ""])(
    "of something else (%s) name no node",
    (subject) => {
      expect(nodeOf(subject)).toBeUndefined();
    },
  );
});

describe("an inbox", () => {
  const mine = inboxOf(nodePrincipal(n1));

  test("takes what lies below it", () => {
    expect(isInboxOf(nodePrincipal(n1), `${mine}.x.1`)).toBe(true);
  });

  test.each([
    ["no subject", undefined],
    ["the inbox itself", mine],
    ["a node whose name begins the same", `${mine}2.x`],
    ["a node that is called controller", `${inboxOf(nodePrincipal(NodeId.parse("controller")))}.x`],
    ["the controller", `${inboxOf(controller)}.x`],
    ["a wildcard", `${mine}.>`],
    ["a second subject behind a space", `${mine}.x 5`],
    ["another node's orders", subjects.call(NodeId.parse("n2"))],
  ])("of n1 does not take %s", (_, subject) => {
    expect(isInboxOf(nodePrincipal(n1), subject)).toBe(false);
  });

  test("of the controller is not that of a node called controller", () => {
    const impostor = nodePrincipal(NodeId.parse("controller"));
    expect(isInboxOf(controller, `${inboxOf(impostor)}.x`)).toBe(false);
  });
});
