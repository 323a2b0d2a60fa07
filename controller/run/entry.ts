import * as z from "zod";
import { ErrorData } from "../../shared/errors.ts";
import { RunId } from "../../shared/protocol/ids.ts";
import { Json } from "../../shared/protocol/json.ts";
import { SealedSecrets } from "../../shared/protocol/order.ts";
import { StepView } from "../../shared/protocol/reply.ts";
import { EnrolledNode } from "../api/messages.ts";
import { KnownVolume, PlannedNode, PlannedVolume } from "./planned/planned.ts";

/** What became of a task on a host. */
export const taskOutcomes = ["ok", "changed", "skipped", "failed", "unreachable"] as const;
export type TaskOutcome = (typeof taskOutcomes)[number];

/** The result of one task on one host, or of one item of its loop. */
export const TaskResult = z.object({
  host: z.string(),
  outcome: z.enum(taskOutcomes),
  /** Failed or unreachable, and the host goes on: ignore_errors, ignore_unreachable. */
  ignored: z.boolean().optional(),
  /** Failed below a block that rescues it. */
  rescued: z.literal(true).optional(),
  /** The loop item that it is for, as people read it; left out for the task as a whole. */
  item: z.string().optional(),
  /** The host that it was delegated to. */
  delegated: z.string().optional(),
  /** The hosts whose variables its facts become, where they are others: of a loop one for each item. */
  factsOf: z.array(z.string()).optional(),
  /** The items of a loop together: each has had a result of its own. */
  loop: z.literal(true).optional(),
  /** What `register` keeps, as people may see it. */
  result: Json,
  /** The same as the task gave it, encrypted by the controller's vault, where it holds what people may not see. */
  sealed: SealedSecrets.optional(),
  /** What was done, or in a check would be. */
  steps: z.array(StepView).optional(),
  error: ErrorData.optional(),
});
export type TaskResult = z.infer<typeof TaskResult>;

/** What a host came to, as Ansible counts it. */
export const HostRecap = z.object({
  ok: z.int(),
  changed: z.int(),
  unreachable: z.int(),
  failed: z.int(),
  skipped: z.int(),
  rescued: z.int(),
  ignored: z.int(),
});
export type HostRecap = z.infer<typeof HostRecap>;

const envelope = { v: z.literal(1), run: RunId, /** Wall clock, Unix milliseconds. */ at: z.number() };

/** The entries of a run, in order: appended before what they announce is sent. A run is a fold of them. */
export const RunEntry = z.discriminatedUnion("is", [
  z.object({
    ...envelope,
    is: z.literal("started"),
    /** The playbook's path, or the module of an ad hoc run. */
    title: z.string(),
    adHoc: z.boolean(),
    check: z.boolean(),
    diff: z.boolean(),
    /** Where the request lies: the project and how it is run. */
    request: z.string(),
    /** The run whose hosts it takes on from where they stopped. */
    resumes: RunId.optional(),
    /** Who started it, as the command said: `user@machine`. */
    by: z.string().optional(),
  }),
  /** A controller goes on with what another life of it began. */
  z.object({ ...envelope, is: z.literal("resumed") }),
  z.object({
    ...envelope,
    is: z.literal("play"),
    play: z.int(),
    batch: z.int(),
    name: z.string(),
    hosts: z.array(z.string()),
  }),
  z.object({
    ...envelope,
    is: z.literal("task"),
    play: z.int(),
    batch: z.int(),
    /** Counts the tasks of the batch as they are announced. */
    task: z.int(),
    /** Its place in the play: the same each time that the play is run. */
    place: z.string(),
    name: z.string(),
    module: z.string(),
    handler: z.literal(true).optional(),
    hosts: z.array(z.string()),
  }),
  /** Results of one task, as they come in: several at once. */
  z.object({ ...envelope, is: z.literal("results"), task: z.int(), results: z.array(TaskResult) }),
  /** It stands still until somebody answers. */
  z.object({
    ...envelope,
    is: z.literal("asks"),
    /** Names it within the run. */
    question: z.string(),
    /** As people read it. */
    text: z.string(),
    /** The answer is not shown as it is typed. */
    hidden: z.literal(true).optional(),
  }),
  /** Without what was answered where that was hidden. */
  z.object({ ...envelope, is: z.literal("answered"), question: z.string(), answer: z.string().optional() }),
  z.object({
    ...envelope,
    is: z.literal("warning"),
    message: z.string(),
    hint: z.string().optional(),
    /** The hosts that are left are given up with those that are lost. */
    stops: z.literal(true).optional(),
  }),
  /** Of a check that is to be saved, in pieces before its end: what it rests on, and what it gave out. */
  z.object({
    ...envelope,
    is: z.literal("planned"),
    nodes: z.array(PlannedNode).optional(),
    known: z.array(KnownVolume).optional(),
    volumes: z.array(PlannedVolume).optional(),
    /** The enrolled nodes, where no inventory is named. */
    enrolled: z.array(EnrolledNode).optional(),
  }),
  z.object({
    ...envelope,
    is: z.literal("finished"),
    /** `aborted`: an error of ours, as `error` says. */
    outcome: z.enum(["ok", "failed", "cancelled", "aborted"]),
    recap: z.record(z.string(), HostRecap),
    error: ErrorData.optional(),
  }),
]);
export type RunEntry = z.infer<typeof RunEntry>;

/** What is only shown while it happens: output of long commands, steps, waits. Not kept. */
export const Progress = z.object({
  ...envelope,
  is: z.literal("progress"),
  host: z.string(),
  text: z.string(),
  stream: z.enum(["stdout", "stderr"]).optional(),
  /** A try has failed, and another follows: Ansible's own line. */
  retry: z.literal(true).optional(),
});
export type Progress = z.infer<typeof Progress>;

/** What a client that follows a run is sent: a line each. */
export const RunEvent = z.discriminatedUnion("is", [...RunEntry.options, Progress]);
export type RunEvent = z.infer<typeof RunEvent>;
