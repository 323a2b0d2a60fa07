import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { RunStream } from "../../../controller/store/run-stream.ts";
import { openStore } from "../../../controller/store/store.ts";
import { connectBus } from "../../../shared/bus/connection.ts";
import { systemClock } from "../../../shared/clock.ts";
import { RunId } from "../../../shared/protocol/ids.ts";
import { controller } from "../../../shared/protocol/subjects.ts";
import { recapOf } from "../../support/cli.ts";
import { startFleet } from "../../support/fleet.ts";
import { startTestServer, type TestServer } from "../../support/nats-server.ts";

/** Entries of runs, as a controller of another version may have left them. */
async function leave({ server }: TestServer, runs: Record<string, readonly object[]>): Promise<void> {
  const { url, token } = server;
  const options = { url, token, name: "test", principal: controller, clock: systemClock, random: Math.random };
  const { connection } = await connectBus(options);
  const stream = new RunStream(await openStore(connection, systemClock), z.looseObject({}));
  for (const [run, entries] of Object.entries(runs)) {
    let last = 0;
    for (const entry of entries) last = await stream.append(RunId.parse(run), { v: 1, run, at: 1, ...entry }, last);
  }
  await connection.close();
}

const started = { is: "started", title: "t.yaml", adHoc: false, check: false, diff: false };

test("runs that cannot be read, or gone on with, keep no controller from starting and hold no node", async () => {
  await using nats = await startTestServer();
  const tokenFile = join(nats.directory, "token");
  await using fleet = await startFleet({ nodes: { n1: {} }, nats: { url: nats.server.url, tokenFile } });
  const playbook = await fleet.file("t.yaml", "- hosts: all\n  tasks:\n    - kernel_module: { name: nvmet }\n");
  expect((await fleet.cli("run", playbook)).code).toBe(0);
  await fleet.stopController();
  const left = {
    "ends-in-riddles": [{ ...started, request: "r" }, { is: "dreaming" }],
    "lost-its-request": [{ ...started, request: "nowhere" }],
    "riddles-within": [{ ...started, request: "r" }, { is: "dreaming" }, { is: "resumed" }],
  };
  await leave(nats, left);
  await fleet.startController();
  const troubles = fleet.logs.filter((line) => line.includes("cannot go on with a run"));
  expect(troubles.map((line) => JSON.parse(line).run).sort()).toEqual(Object.keys(left));
  const known = async () => (await fleet.cli("nodes", "-o", "json")).lines();
  await expect.poll(known, { timeout: 30_000 }).toMatchObject([{ node: "n1" }]);
  const again = await fleet.cli("run", playbook);
  expect(again.code, again.out + again.err).toBe(0);
  expect(recapOf(again.out)).toMatchObject({ n1: { changed: 0 } });
  const listed = (await fleet.cli("runs", "-o", "json")).lines();
  expect(listed.filter(({ outcome }) => outcome === "ok")).toHaveLength(2);
}, 60_000);
