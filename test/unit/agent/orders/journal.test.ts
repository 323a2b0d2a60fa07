import { expect, test } from "vitest";
import { Journal } from "../../../../agent/orders/journal.ts";
import { createMemoryStore } from "../../../../agent/store/memory-store.ts";
import { CallId, NodeId } from "../../../../shared/protocol/ids.ts";
import type { Done } from "../../../../shared/protocol/reply.ts";

const store = () => createMemoryStore(NodeId.parse("n1")).journal;
const id = (text: string) => CallId.parse(text);
const done = (text: string, result: Done["result"] = {}): Done => ({
  v: 1,
  id: id(text),
  is: "done",
  outcome: "changed",
  generation: 1,
  steps: [],
  result,
});

test("an order that is under way is not forgotten, however many come and go meanwhile", () => {
  const journal = new Journal(store(), "boot-1");
  journal.begin(id("slow"), "d");
  for (let number = 0; number < 600; number++) journal.begin(id(`quick_${number}`), "d").add(done(`quick_${number}`));
  expect(journal.find(id("slow"))).toBeDefined();
  expect(journal.find(id("quick_0"))).toBeUndefined();
  expect(journal.find(id("quick_599"))).toBeDefined();
});

test("a result of any length is remembered over a restart as to its outcome, a long one without its text", async () => {
  const cell = store();
  const journal = new Journal(cell, "boot-1");
  await journal.finish(id("long"), "d", done("long", { stdout: "x".repeat(1_000_000) }));
  await journal.finish(id("short"), "d", done("short", { stdout: "hi" }));
  expect(JSON.stringify(cell.get()).length).toBeLessThan(2000);
  const [long, short] = cell.get();
  expect(long?.done).toMatchObject({ outcome: "changed", result: { msg: expect.stringContaining("too long") } });
  expect(short?.done?.result).toEqual({ stdout: "hi" });
});
