import { describe, expect, test } from "vitest";
import { Heartbeat } from "../../../../shared/protocol/heartbeat.ts";
import { Hello } from "../../../../shared/protocol/hello.ts";
import { Order } from "../../../../shared/protocol/order.ts";
import { Reply } from "../../../../shared/protocol/reply.ts";
import { Report } from "../../../../shared/protocol/report.ts";
import { Spec } from "../../../../shared/protocol/spec.ts";

const entry = { kind: "nvmet_port", state: "present", resource: { address: "10.0.0.1" }, owner: "task p/t" };
const messages = {
  spec: [Spec, { v: 1, node: "n1", generation: 1, entries: { "nvmet_port tcp 10.0.0.1:4420": entry } }],
  heartbeat: [Heartbeat, { v: 1, node: "n1", bootId: "b", generation: 0, report: 1 }],
  hello: [
    Hello,
    {
      v: 1,
      node: "n1",
      version: "0.1.0",
      kinds: [],
      actions: [],
      spec: { generation: 0, hash: "" },
      bootId: "b",
      report: 0,
      labels: { fast: true },
      key: "A".repeat(43),
    },
  ],
  order: [
    Order,
    {
      v: 1,
      to: "n1",
      id: "c1",
      session: "A".repeat(22),
      deadline: 1000,
      check: { run: "r1" },
      body: { do: "converge", edit: { base: 0, generation: 1, set: { k: entry } } },
      mac: "A".repeat(43),
    },
  ],
  reply: [Reply, { v: 1, id: "c1", is: "done", outcome: "ok", generation: 1, steps: [], result: null }],
  report: [
    Report,
    { v: 1, node: "n1", sequence: 1, bootId: "b", at: 0, generation: 1, exports: [], connections: [], conditions: [] },
  ],
} as const;

describe.each(Object.entries(messages))("the message %s", (_, [schema, message]) => {
  test("is read as it is", () => {
    expect(schema.parse(message)).toEqual(message);
  });

  test("is read when a newer version adds a field", () => {
    expect(schema.parse({ ...message, addedLater: { x: 1 } })).toEqual(message);
  });

  test("of another version is not read", () => {
    expect(schema.safeParse({ ...message, v: 2 }).success).toBe(false);
  });
});

test("a spec with a kind that this version does not know is read: the other entries must boot", () => {
  const [schema, spec] = messages.spec;
  const newer = { ...spec, entries: { "nvmet_mirror x": { ...entry, kind: "nvmet_mirror" } } };
  expect(schema.parse(newer)).toEqual(newer);
});

test("a cost that this version does not know counts as the worst", () => {
  const [schema, reply] = messages.reply;
  const step = { resource: "r", phase: "link", says: "s", cost: "meteor" };
  expect(schema.parse({ ...reply, steps: [step] })).toMatchObject({ steps: [{ cost: "data risk" }] });
});
