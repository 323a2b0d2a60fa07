import { expect, test } from "vitest";
import { RunEntry, type TaskResult } from "../../../controller/run/entry.ts";
import { RunJournal } from "../../../controller/run/journal.ts";
import { RunStream } from "../../../controller/store/run-stream.ts";
import { RunId } from "../../../shared/protocol/ids.ts";
import { ManualClock } from "../../unit/agent/system/model/lab.ts";
import { startStore } from "../store/harness.ts";

const run = RunId.parse("r1");

function result(number: number, text = ""): TaskResult {
  return { host: `h${number}`, outcome: "ok", result: { text } };
}

async function open() {
  const harness = await startStore();
  const stream = new RunStream(harness.store, RunEntry);
  const clock = new ManualClock();
  const journal = new RunJournal(stream, run, clock, () => {});
  const hosts = async () =>
    (await stream.read(run)).map(({ entry }) => (entry.is === "results" ? entry.results.map(({ host }) => host) : []));
  return { journal, hosts, clock, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() };
}

test("results that come soon after others are kept together, once their time has come", async () => {
  await using kept = await open();
  const { journal, hosts, clock } = kept;
  journal.result(0, result(1));
  await journal.flush();
  for (const number of [2, 3]) {
    journal.result(0, result(number));
    await Promise.resolve();
  }
  expect(await hosts()).toEqual([["h1"]]);
  await clock.advance(25);
  await expect.poll(hosts).toEqual([["h1"], ["h2", "h3"]]);
});

test("whoever waits for the results, or appends, does not wait for their time", async () => {
  await using kept = await open();
  const { journal, hosts } = kept;
  journal.result(0, result(1));
  await journal.flush();
  journal.result(0, result(2));
  journal.result(0, result(3));
  await journal.flush();
  journal.result(1, result(4));
  await journal.append({ is: "warning", message: "w" });
  expect(await hosts()).toEqual([["h1"], ["h2", "h3"], ["h4"], []]);
});

test("no entry grows without end, and none is lost", async () => {
  await using kept = await open();
  const { journal, hosts } = kept;
  const large = "x".repeat(100_000);
  for (let number = 0; number < 7; number++) journal.result(0, result(number, large));
  await journal.flush();
  const all = await hosts();
  expect(all.map((each) => each.length)).toEqual([2, 2, 2, 1]);
  expect(all.flat()).toEqual(["h0", "h1", "h2", "h3", "h4", "h5", "h6"]);
});
