import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type RunEntry, RunStream } from "../../../controller/store/run-stream.ts";
import { runStream } from "../../../controller/store/store.ts";
import { RunId } from "../../../shared/protocol/ids.ts";
import { type StoreHarness, startStore } from "./harness.ts";

const Entry = z.object({ says: z.string() });
type Entry = z.infer<typeof Entry>;
const r1 = RunId.parse("r1");
const r2 = RunId.parse("r2");

let harness: StoreHarness;
let runs: RunStream<Entry>;
beforeEach(async () => {
  harness = await startStore();
  runs = new RunStream(harness.store, Entry);
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
});

const says = (entries: readonly RunEntry<Entry>[]) => entries.map(({ entry }) => entry.says);

describe("the run stream", () => {
  test("keeps the entries of each run in order", async () => {
    const first = await runs.append(r1, { says: "a" }, 0);
    const other = await runs.append(r2, { says: "x" }, 0);
    const second = await runs.append(r1, { says: "b" }, first);
    expect(await runs.read(r1)).toEqual([
      { seq: first, entry: { says: "a" } },
      { seq: second, entry: { says: "b" } },
    ]);
    expect(await runs.read(r1, first)).toEqual([{ seq: second, entry: { says: "b" } }]);
    expect(await runs.read(r2)).toEqual([{ seq: other, entry: { says: "x" } }]);
    expect(await runs.list()).toEqual([r1, r2]);
  });

  test("has nothing of a run that never was", async () => {
    expect(await runs.read(r1)).toEqual([]);
    expect(await runs.list()).toEqual([]);
  });

  test("refuses an entry of a controller that missed one", async () => {
    const first = await runs.append(r1, { says: "a" }, 0);
    await runs.append(r1, { says: "b" }, first);
    await expect(runs.append(r1, { says: "late" }, first)).rejects.toMatchObject({ code: "store_conflict" });
    await expect(runs.append(r1, { says: "new" }, 0)).rejects.toMatchObject({ code: "store_conflict" });
    expect(says(await runs.read(r1))).toEqual(["a", "b"]);
  });

  test("takes one of two entries that are appended at once", async () => {
    const both = await Promise.allSettled(["a", "b"].map((text) => runs.append(r1, { says: text }, 0)));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await runs.read(r1)).toHaveLength(1);
  });

  test("reads thousands of entries", async () => {
    let last = 0;
    for (let index = 0; index < 3000; index++) last = await runs.append(r1, { says: String(index) }, last);
    expect(says(await runs.read(r1))).toEqual(Array.from({ length: 3000 }, (_, index) => String(index)));
  });

  test("gives the last entry of every run, read or not", async () => {
    expect(await runs.lasts()).toEqual([]);
    const first = await runs.append(r1, { says: "a" }, 0);
    const second = await runs.append(r1, { says: "b" }, first);
    const odd = await runs.append(r2, JSON.parse('{"speaks":"x"}'), 0);
    const [one, other, ...more] = await runs.lasts();
    expect(more).toEqual([]);
    expect(one).toMatchObject({ run: r1, seq: second });
    expect(one?.read()).toEqual({ says: "b" });
    expect(other).toMatchObject({ run: r2, seq: odd });
    expect(() => other?.read()).toThrow("cannot read entry");
  });

  test("gives the last entries of thousands of runs", async () => {
    const ids = Array.from({ length: 2500 }, (_, index) => RunId.parse(`run-${String(index).padStart(4, "0")}`));
    await Promise.all(ids.map((run) => runs.append(run, { says: run }, 0)));
    const lasts = await runs.lasts();
    expect(lasts.map(({ run }) => run)).toEqual(ids);
    expect(lasts.every(({ run, read }) => read().says === run)).toBe(true);
  });

  test("is followed from any entry on, over a killed nats-server", async () => {
    const first = await runs.append(r1, { says: "a" }, 0);
    let last = await runs.append(r1, { says: "b" }, first);
    const abort = new AbortController();
    const seen: string[] = [];
    const followed = (async () => {
      for await (const { entry } of runs.follow(r1, first, abort.signal)) {
        seen.push(entry.says);
        if (entry.says === "d") abort.abort();
      }
    })();
    await expect.poll(() => seen).toEqual(["b"]);
    last = await runs.append(r1, { says: "c" }, last);
    await expect.poll(() => seen).toEqual(["b", "c"]);
    await harness.kill();
    await runs.append(r1, { says: "d" }, last);
    await followed;
    expect(seen).toEqual(["b", "c", "d"]);
    expect(says(await runs.read(r1))).toEqual(["a", "b", "c", "d"]);
  });

  test("loses nothing that was acknowledged when nats-server is killed, and appends once", async () => {
    let last = 0;
    for (let index = 0; index < 20; index++) {
      if (index === 10) process.kill(harness.nats.server.pid ?? 0, "SIGKILL");
      last = await runs.append(r1, { says: String(index) }, last);
    }
    expect(says(await runs.read(r1))).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
  });

  test("is read whole while nats-server is killed", async () => {
    const filler = "x".repeat(20_000);
    let last = 0;
    for (let index = 0; index < 500; index++) last = await runs.append(r1, { says: filler }, last);
    const reading = runs.read(r1);
    await harness.kill();
    expect(await reading).toHaveLength(500);
  });

  test("that is full refuses the next entry, with a hint, and keeps all that it has", async () => {
    await harness.store.manager.streams.update(runStream, { max_bytes: 4000 });
    const first = await runs.append(r1, { says: "a" }, 0);
    const large = runs.append(r1, { says: "x".repeat(5000) }, first);
    await expect(large).rejects.toMatchObject({ code: "store_failed", hint: expect.stringContaining("full") });
    expect(says(await runs.read(r1))).toEqual(["a"]);
  });

  test("says that it cannot read an entry of another shape", async () => {
    await runs.append(r1, JSON.parse('{"speaks":"a"}'), 0);
    await expect(runs.read(r1)).rejects.toMatchObject({ code: "bad_message" });
  });

  test("knows an entry that was sent twice by its id", async () => {
    const options = { msgID: "one", expect: { lastSubjectSequence: 0 } };
    const send = () => harness.store.streams.publish(`ff.v1.run.${r1}`, '{"says":"a"}', options);
    const [first, second] = [await send(), await send()];
    expect(second).toMatchObject({ seq: first.seq, duplicate: true });
  });
});
