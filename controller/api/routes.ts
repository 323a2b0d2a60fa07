import type { z } from "zod";
import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { CallId, RunId } from "../../shared/protocol/ids.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { judge } from "../fleet/health.ts";
import { newsOf } from "../fleet/news.ts";
import type { FleetNode } from "../fleet/node.ts";
import { inventoryOfNodes } from "../inventory/node-inventory.ts";
import { matchHosts } from "../inventory/patterns.ts";
import type { Waiting } from "../run/claim.ts";
import type { Runs } from "../run/runs.ts";
import { type HealthAnswer, type NodeFacts, type NodeSummary, RunAnswer, RunRequest } from "./messages.ts";
import type { Routes } from "./server.ts";

interface Parts {
  fleet: Fleet;
  runs: Runs;
  clock: Clock;
}

/** Seconds that a run may wait for nodes at most, where it is said how long: what a timer holds. */
const longestWait = 2_000_000;
/** Milliseconds for a node's facts. */
const factsMillis = 30_000;

/** Everything that the API answers. */
export function createRoutes({ fleet, runs, clock }: Parts): Routes {
  return {
    "GET /v1/nodes": async ({ query }) => chosen(fleet, query).map((node) => summarise(node, clock)),
    "GET /v1/facts": async ({ query }) => Promise.all(chosen(fleet, query).map(({ id }) => factsOf(fleet, id))),
    "GET /v1/health": async ({ query }): Promise<HealthAnswer> => {
      const now = clock.now();
      const names = new Set(chosen(fleet, query).map(({ id }) => id));
      const { connections, nodes } = judge(fleet.nodes().map((node) => newsOf(node, now)));
      return {
        connections: connections.filter(({ initiator, targets }) =>
          [initiator, ...targets].some((name) => names.has(name)),
        ),
        nodes: nodes.filter(({ node }) => names.has(node)),
      };
    },
    "GET /v1/runs": async () => runs.list(),
    "POST /v1/runs": async function* ({ body, query, signal }) {
      yield* runs.start(read(RunRequest, await body(), "start a run"), waitingOf(query, signal));
    },
    "GET /v1/runs/:run/events": ({ parameters, signal }) => runs.follow(runId(parameters.run), signal),
    "POST /v1/runs/:run/resume": async function* ({ parameters, body, query, signal }) {
      const { by } = read(RunRequest.pick({ by: true }), (await body()) ?? {}, "resume a run");
      yield* runs.resume(runId(parameters.run), by, waitingOf(query, signal));
    },
    "POST /v1/runs/:run/answer": async ({ parameters, body }) => {
      const run = runId(parameters.run);
      runs.answer(run, read(RunAnswer, await body(), "answer a run"));
      return { run };
    },
    "GET /v1/failed": ({ query }) => {
      const run = query.get("run");
      return runs.failedOf(run === null ? undefined : runId(run), query.get("title") ?? "");
    },
    "POST /v1/runs/:run/cancel": async ({ parameters }) => {
      const run = runId(parameters.run);
      runs.cancel(run);
      return { run };
    },
  };
}

function read<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FlashfleetError("bad_message", `cannot ${what}: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** `?wait` as long as it takes, `?wait=60` so many seconds. */
function waitingOf(query: URLSearchParams, signal: AbortSignal): Waiting {
  const wait = query.get("wait");
  if (wait === null) return { millis: undefined, signal };
  if (wait === "") return { millis: Number.POSITIVE_INFINITY, signal };
  const seconds = Number(wait);
  if (/^\d+(\.\d+)?$/.test(wait) && seconds <= longestWait) return { millis: seconds * 1000, signal };
  throw new FlashfleetError("bad_argument", `cannot wait '${wait}' seconds for nodes`, {
    hint: `a number of seconds, at most ${longestWait}; without one it waits as long as it takes`,
  });
}

function runId(text: string | undefined): RunId {
  const parsed = RunId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new FlashfleetError("bad_argument", `${JSON.stringify(text)} is no run`, {
    hint: "flashfleet runs lists them",
  });
}

/** The enrolled nodes that a pattern names; all without one. */
function chosen(fleet: Fleet, query: URLSearchParams): FleetNode[] {
  const nodes = fleet.nodes();
  const pattern = query.get("pattern");
  if (pattern === null || pattern === "all") return nodes;
  const inventory = inventoryOfNodes(nodes.map(({ id, hello }) => ({ id, labels: hello.labels })));
  const { hosts, unmatched } = matchHosts(pattern, inventory);
  if (hosts.length === 0) {
    const names = unmatched.map(({ name, hint }) => (hint === undefined ? name : `${name} (${hint})`)).join(", ");
    throw new FlashfleetError("no_hosts", `no node matches ${pattern}`, {
      hint: names === "" ? "flashfleet nodes lists them" : `unknown: ${names}`,
    });
  }
  const names = new Set(hosts);
  return nodes.filter(({ id }) => names.has(id));
}

function summarise(node: FleetNode, clock: Clock): NodeSummary {
  const { id, hello, report, heardAt, generation } = node;
  const { silentFor } = newsOf(node, clock.now());
  return {
    node: id,
    state: silentFor === undefined ? "connected" : "silent",
    heard: (clock.now() - heardAt) / 1000,
    version: hello.version,
    generation,
    labels: hello.labels,
    exports: report?.exports.length ?? 0,
    connections: report?.connections.length ?? 0,
  };
}

async function factsOf(fleet: Fleet, node: FleetNode["id"]): Promise<NodeFacts> {
  try {
    const id = CallId.parse(`facts_${node}_${crypto.randomUUID()}`);
    const done = await fleet.call({ to: node, id, body: { do: "facts" }, deadline: fleet.deadlineIn(factsMillis) });
    return { node, facts: done.result, ...(done.error === undefined ? {} : { error: done.error }) };
  } catch (error) {
    return { node, error: toErrorData(error) };
  }
}
