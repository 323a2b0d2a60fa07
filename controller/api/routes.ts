import type { z } from "zod";
import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { RunId } from "../../shared/protocol/ids.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { judge } from "../fleet/health.ts";
import { newsOf } from "../fleet/news.ts";
import type { FleetNode } from "../fleet/node.ts";
import type { Specs } from "../fleet/specs.ts";
import { meantOnSeveral } from "../fleet/survey.ts";
import type { Volumes } from "../fleet/volumes.ts";
import type { Waiting } from "../run/claim.ts";
import type { Runs } from "../run/runs.ts";
import { chosenNodes } from "./chosen-nodes.ts";
import { factsOf } from "./facts-of.ts";
import { type HealthAnswer, type NodeSummary, RunAnswer, RunRequest } from "./messages.ts";
import type { Routes } from "./server.ts";
import { createVolumeRoutes } from "./volume-routes.ts";

interface Parts {
  fleet: Fleet;
  runs: Runs;
  specs: Specs;
  volumes: Volumes;
  clock: Clock;
}

/** Seconds that a run may wait for nodes at most, where it is said how long: what a timer holds. */
const longestWait = 2_000_000;

/** Everything that the API answers. */
export function createRoutes({ fleet, runs, specs, volumes, clock }: Parts): Routes {
  return {
    ...createVolumeRoutes({ fleet, specs, volumes, clock }),
    "GET /v1/nodes": async ({ query }) => chosen(fleet, query).map((node) => summarise(node, clock)),
    "GET /v1/facts": async ({ query }) => Promise.all(chosen(fleet, query).map(({ id }) => factsOf(fleet, id))),
    "GET /v1/health": async ({ query }): Promise<HealthAnswer> => {
      const now = clock.now();
      const names = new Set(chosen(fleet, query).map(({ id }) => id));
      const { connections, nodes } = judge(
        fleet.nodes().map((node) => newsOf(node, now)),
        meantOnSeveral(volumes.all.values()),
      );
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
  const names = chosenNodes(
    nodes.map(({ id, hello }) => ({ id, labels: hello.labels })),
    query.get("pattern"),
  );
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
