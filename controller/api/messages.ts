import * as z from "zod";
import { ErrorData } from "../../shared/errors.ts";
import { NodeId, RunId } from "../../shared/protocol/ids.ts";
import { Json, JsonRecord } from "../../shared/protocol/json.ts";
import { Planned } from "../run/planned/planned.ts";

/** What a run is made of: everything that it reads, as it was when it was uploaded. */
export const Project = z.object({
  /** Text by path, with `/` between its parts. */
  files: z.record(z.string(), z.string()),
  /** What to run; left out for an ad hoc run. */
  playbooks: z.array(z.string()),
  /** One module on a pattern, instead of playbooks. */
  adHoc: z
    .object({
      pattern: z.string(),
      module: z.string(),
      arguments: z.array(z.string()),
      /** Its arguments in one text, as `-a` has them. */
      line: z.string().optional(),
    })
    .optional(),
  /** As `-i` names them; none: the enrolled nodes. */
  inventories: z.array(z.string()),
  /** `-e`, later ones win. */
  extraVars: z.array(JsonRecord),
  limit: z.string().optional(),
  /** What people said to the `vars_prompt` of the plays, which count from 0. */
  answers: z.array(z.object({ play: z.int(), name: z.string(), value: Json })).optional(),
  /** What the client's vault passwords opened; left out where it has none. The passwords themselves stay with it. */
  vault: z
    .object({
      /** Plaintexts by the digests of their encrypted texts. */
      opened: z.record(z.string(), z.string()),
      /** Values of `-e` that were encrypted. */
      secrets: z.array(z.string()),
    })
    .optional(),
});
export type Project = z.infer<typeof Project>;

/** A node as inventories of enrolled nodes have it. */
export const EnrolledNode = z.object({
  id: NodeId,
  labels: z.record(z.string(), z.union([z.string(), z.literal(true)])),
});
export type EnrolledNode = z.infer<typeof EnrolledNode>;

export const RunRequest = z.object({
  project: Project,
  check: z.boolean().default(false),
  diff: z.boolean().default(false),
  /** How many nodes work at once. */
  forks: z.int().min(1).default(500),
  tags: z.array(z.string()).default([]),
  skipTags: z.array(z.string()).default([]),
  /** The name of the task to begin with; may hold wildcards. */
  startAt: z.string().optional(),
  /** Nodes that will not come back: what pair plays made with them is taken down at the other ends. */
  abandon: z.array(NodeId).default([]),
  forceHandlers: z.boolean().default(false),
  /** How often -v was given. */
  verbosity: z.int().min(0).default(0),
  /** Seconds of a task that says nothing itself; left out: the module's own. */
  taskTimeout: z.number().positive().optional(),
  /** Somebody is asked before each task. */
  step: z.boolean().default(false),
  /** Who starts it, for those who find its nodes held: `user@machine`. */
  by: z.string().max(200).optional(),
  /** The enrolled nodes as they were at the start, where no inventory is named: added by the controller. */
  nodes: z.array(EnrolledNode).optional(),
  /** Of a check: it says at its end what it rests on, so that it can be saved as a plan. */
  savesPlan: z.boolean().default(false),
  /** The plan that is applied: what must be as it was, and the volumes that were placed. With it, `nodes` are those of then. */
  planned: Planned.optional(),
});
export type RunRequest = z.infer<typeof RunRequest>;

export const RunCreated = z.object({ run: RunId });

/** A run that works on nodes which another one wants, or one that waits for them and came before. */
export const RunHolder = z.object({
  /** Left out for one that waits itself. */
  run: RunId.optional(),
  title: z.string(),
  by: z.string().optional(),
  /** Since when: wall clock, Unix milliseconds. */
  at: z.number(),
  /** Some of the nodes that both want, and how many they are. */
  nodes: z.array(NodeId),
  count: z.int(),
});
export type RunHolder = z.infer<typeof RunHolder>;

/** What who starts a run is told: who is in the way, whenever that changes; at last the run, or why there is none. */
export const RunStart = z.union([
  z.object({ run: RunId }),
  z.object({ waits: z.array(RunHolder) }),
  z.object({ error: ErrorData }),
]);
export type RunStart = z.infer<typeof RunStart>;

/** An answer to what a run asks. */
export const RunAnswer = z.object({ question: z.string(), answer: z.string().max(10_000) });
export type RunAnswer = z.infer<typeof RunAnswer>;

/** The hosts that a run lost. */
export const FailedHosts = z.object({
  run: RunId,
  title: z.string(),
  at: z.number(),
  by: z.string().optional(),
  hosts: z.array(z.string()),
});
export type FailedHosts = z.infer<typeof FailedHosts>;

export const RunSummary = z.object({
  run: RunId,
  title: z.string(),
  /** Wall clock, Unix milliseconds. */
  at: z.number(),
  check: z.boolean(),
  outcome: z.enum(["running", "ok", "failed", "cancelled", "aborted"]),
  by: z.string().optional(),
  /** When it ended; left out while it runs. */
  ended: z.number().optional(),
  /** What it waits for an answer to. */
  asks: z.string().optional(),
  /** How many of its hosts there are, and came to what. Left out until it has ended. */
  hosts: z.object({ all: z.int(), changed: z.int(), failed: z.int(), unreachable: z.int() }).optional(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const NodeSummary = z.object({
  node: z.string(),
  state: z.enum(["connected", "silent"]),
  /** Seconds since anything was heard of it. */
  heard: z.number(),
  version: z.string(),
  generation: z.int(),
  labels: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  exports: z.int(),
  connections: z.int(),
});
export type NodeSummary = z.infer<typeof NodeSummary>;

export const NodeFacts = z.object({ node: z.string(), facts: Json.optional(), error: ErrorData.optional() });
export type NodeFacts = z.infer<typeof NodeFacts>;

const HealthState = z.enum(["healthy", "degraded", "failed", "unknown"]);

export const HealthAnswer = z.object({
  connections: z.array(
    z.object({
      initiator: z.string(),
      targets: z.array(z.string()),
      nqn: z.string(),
      devices: z.array(z.string()),
      size: z.number(),
      uuids: z.array(z.string()),
      paths: z.array(
        z.object({
          transport: z.string(),
          address: z.string(),
          service_id: z.string(),
          state: z.string(),
          target: z.string().nullable(),
        }),
      ),
      state: HealthState,
      reasons: z.array(z.string()),
    }),
  ),
  nodes: z.array(z.object({ node: z.string(), state: HealthState, reasons: z.array(z.string()) })),
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;

/** What any request may be answered with instead; all mistakes at once. */
export const Problems = z.object({ errors: z.array(ErrorData).min(1) });
export type Problems = z.infer<typeof Problems>;
