import { expect, test } from "vitest";
import { Fleet } from "../../../controller/fleet/fleet.ts";
import { systemClock } from "../../../shared/clock.ts";
import { makeAgreementKey } from "../../../shared/identity/session.ts";
import { createLogger } from "../../../shared/logger.ts";
import { n1, soon, startHarness } from "../bus/harness.ts";

test("a hello that comes again, as after a lost answer, has the answer of the first time; another hello another session", async () => {
  await using harness = await startHarness();
  const log = createLogger({ name: "test", level: "silent" });
  const fleet = new Fleet({ bus: await harness.controller(), clock: systemClock, log });
  const node = await harness.node();
  const hello = () => ({
    v: 1 as const,
    node: n1,
    version: "1.2.3",
    kinds: [],
    actions: [],
    spec: { generation: 0, hash: "0".repeat(64) },
    bootId: "b",
    report: 0,
    labels: {},
    key: makeAgreementKey().publicKey,
  });
  const first = hello();
  const welcome = await node.ask("hello", first, soon());
  const session = fleet.find(n1)?.session;
  expect(await node.ask("hello", first, soon())).toEqual(welcome);
  expect(fleet.find(n1)?.session).toBe(session);
  const other = await node.ask("hello", hello(), soon());
  expect(other.session).not.toBe(welcome.session);
  expect(fleet.find(n1)?.session.nonce).toBe(other.session);
  fleet.close();
});
