import { describe, expect, test } from "vitest";
import { z } from "zod";
import { HealthAnswer, NodeFacts, NodeSummary, RunRequest, RunSummary } from "../../../controller/api/messages.ts";
import { createRoutes } from "../../../controller/api/routes.ts";
import { RunEntry } from "../../../controller/run/entry.ts";
import { buckets } from "../../../controller/store/bucket.ts";
import { runStream } from "../../../controller/store/store.ts";
import { ErrorData } from "../../../shared/errors.ts";
import { Heartbeat } from "../../../shared/protocol/heartbeat.ts";
import { Hello, Welcome } from "../../../shared/protocol/hello.ts";
import { NodeId, RunId } from "../../../shared/protocol/ids.ts";
import { Order, OrderBody } from "../../../shared/protocol/order.ts";
import { Reply } from "../../../shared/protocol/reply.ts";
import { Report } from "../../../shared/protocol/report.ts";
import { Edit, Entry, Spec } from "../../../shared/protocol/spec.ts";
import { askKinds, controller, inboxOf, nodePrincipal, subjects } from "../../../shared/protocol/subjects.ts";
import { missing, named, read, rows, section } from "../../support/pages.ts";

describe("docs/protocol.md", () => {
  const page = "docs/protocol.md";
  const text = read(page);

  test("has every subject", () => {
    const node = NodeId.parse("a-node");
    const run = RunId.parse("a-run");
    const all = [
      subjects.call(node),
      subjects.heartbeat(node),
      ...askKinds.map((kind) => subjects.ask(node, kind)),
      subjects.run(run),
    ].map((subject) => subject.replace("a-node", "<node>").replace("a-run", "<run>"));
    const inboxes = [controller, nodePrincipal(node)].map(
      (principal) => `${inboxOf(principal).replace("a-node", "<node>")}.<uuid>.<n>`,
    );
    expect(rows(section(page, "## Subjects"))).toEqual([...all, ...inboxes]);
    const wildcards = [subjects.everyHeartbeat, ...askKinds.map(subjects.everyAsk), subjects.everyRun];
    expect(missing(wildcards, named(text))).toEqual([]);
  });

  /** Names of all fields, however deep; of unions those of every branch. Of an error docs/errors.md tells. */
  function fieldsIn(schema: unknown): string[] {
    if (schema === ErrorData) return [];
    if (schema instanceof z.ZodObject) {
      return Object.entries(schema.shape).flatMap(([name, field]) => [name, ...fieldsIn(field)]);
    }
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
      return fieldsIn(schema.unwrap());
    if (schema instanceof z.ZodArray) return fieldsIn(schema.element);
    if (schema instanceof z.ZodUnion) return schema.options.flatMap(fieldsIn);
    return [];
  }

  test.each([
    ["hello", Hello],
    ["welcome", Welcome],
    ["order", Order],
    ["order's body", OrderBody],
    ["reply", Reply],
    ["spec", Spec],
    ["entry", Entry],
    ["edit", Edit],
    ["report", Report],
    ["heartbeat", Heartbeat],
    ["run entry", RunEntry],
    ["node of the API", NodeSummary],
    ["facts of the API", NodeFacts],
    ["health of the API", HealthAnswer],
    ["run of the API", RunSummary],
    ["request for a run", RunRequest],
  ])("names every field of a %s", (_, schema) => {
    const fields = fieldsIn(schema);
    expect(fields.length).toBeGreaterThan(1);
    // `body.do` names a field too.
    const there = named(text).flatMap((name) => name.split("."));
    expect(missing(fields, there)).toEqual([]);
  });

  test("has every thing that an order can be for, and every sort of entry", () => {
    const orders = OrderBody.options.map((option) => option.shape.do.value);
    expect(missing(orders, rows(section(page, "## Orders")))).toEqual([]);
    const entries = RunEntry.options.map((option) => option.shape.is.value);
    expect(missing(entries, rows(section(page, "### Run stream")))).toEqual([]);
  });

  test("has the stream, every bucket and every route", () => {
    expect(named(text)).toContain(runStream);
    expect(rows(section(page, "### Buckets"))).toEqual(Object.values(buckets));
    const unused = new Proxy({}, {}) as Parameters<typeof createRoutes>[0];
    const routes = rows(section(page, "## HTTP API")).map((route) => route.replace(/\?.*$/, ""));
    expect(routes.sort()).toEqual(Object.keys(createRoutes(unused)).sort());
  });
});
