import { type Clock, deadlineIn } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { actions } from "../../shared/modules/actions/actions.ts";
import type { KindDefinition } from "../../shared/modules/kind.ts";
import { type KindName, kinds } from "../../shared/modules/kinds/kinds.ts";
import { costs } from "../../shared/protocol/cost.ts";
import { CallId, type NodeId, type RunId } from "../../shared/protocol/ids.ts";
import { isJsonRecord, type JsonRecord, toJson } from "../../shared/protocol/json.ts";
import type { Consent, OrderBody } from "../../shared/protocol/order.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import { type Edit, entryKey, type Spec } from "../../shared/protocol/spec.ts";
import type { Secret } from "../../shared/secret.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Specs } from "../fleet/specs.ts";
import type { EvaluatedArguments } from "./arguments.ts";
import type { KeptSecrets } from "./kept-secrets.ts";
import { referTo, secretName } from "./secret-names.ts";

/** What orders of a run need. */
export interface Bench {
  run: RunId;
  fleet: Fleet;
  specs: Specs;
  clock: Clock;
  /** Versions of secrets are digests under it. */
  secretKey: Uint8Array;
  keptSecrets: KeptSecrets;
  check: boolean;
  /** In a check: what the tasks so far would have made of each node's spec. */
  overlay: Map<NodeId, Spec>;
  signal: AbortSignal;
}

/** One task, or one item of its loop, on one node. */
export interface Job {
  node: NodeId;
  /** Tells this call from every other of the run, for ever. */
  call: string;
  /** Seconds; undefined: the module's own. */
  timeout: number | undefined;
  onProgress: (text: string, stream?: "stdout" | "stderr") => void;
}

/** Milliseconds for bringing a node to a resource: a refused DH-HMAC-CHAP key takes the kernel up to a minute (nvmet-abi 4). */
const convergeMillis = 120_000;
const factsMillis = 30_000;
/** A command may take long; that its node is alive is seen every second. */
const actionMillis = 3_600_000;
/** Milliseconds beyond the node's own deadline in which it may say that it missed it. */
const grace = 5_000;

export function gatherFacts(bench: Bench, job: Job): Promise<Done> {
  return call(bench, job, { do: "facts" }, factsMillis);
}

/** Runs an action on a node. */
export function performAction(
  bench: Bench,
  job: Job,
  name: keyof typeof actions,
  { parsed }: EvaluatedArguments,
): Promise<Done> {
  lacks(bench, job.node, "actions", name);
  const own = typeof parsed.timeout === "number" ? parsed.timeout * 1000 + grace : actionMillis;
  const args = toJson(parsed);
  return call(bench, job, { do: "action", action: name, arguments: isJsonRecord(args) ? args : {} }, own);
}

/** Brings a node to a resource, by an edit of its spec. */
export async function performKind(
  bench: Bench,
  job: Job,
  kind: KindName,
  { parsed, secrets }: EvaluatedArguments,
  owner: string,
): Promise<Done> {
  lacks(bench, job.node, "kinds", kind);
  const definition: KindDefinition = kinds[kind];
  const key = entryKey(kind, definition.key(parsed));
  const references: JsonRecord = {};
  const values: Record<string, Secret> = {};
  for (const [field, secret] of Object.entries(secrets)) {
    const reference = referTo(bench.secretKey, `${job.node} ${key}`, field, secret);
    references[field] = reference;
    values[secretName(reference)] = secret;
  }
  const { override, ...fields } = toRecord(parsed);
  const state = parsed.state === "absent" ? "absent" : "present";
  const change = { kind, resource: { ...fields, ...references, state } as const, owner };
  const consent: Consent = {
    costs: [...costs],
    overrides: Array.isArray(override) ? override.filter((name) => typeof name === "string") : [],
  };
  const send = async (edit: Edit, attempt: number) => {
    // A node that has lost its disk is sent the rest of its spec too, which may refer to secrets of earlier tasks.
    const { [key]: own, ...others } = edit.set;
    const done = await call(
      bench,
      { ...job, call: attempt === 0 ? job.call : `${job.call}_${attempt}` },
      { do: "converge", edit, subject: key, consent },
      convergeMillis,
      { ...(await bench.keptSecrets.of(Object.values(others))), ...values },
    );
    const reached = done.outcome === "ok" || done.outcome === "changed";
    if (reached && !bench.check && own !== undefined) await bench.keptSecrets.keep(own, values);
    return done;
  };
  if (!bench.check) return bench.specs.change(job.node, change, send);
  return send(await bench.specs.preview(job.node, change, bench.overlay), 0);
}

function toRecord(value: object): JsonRecord {
  const json = toJson(value);
  return isJsonRecord(json) ? json : {};
}

function call(
  bench: Bench,
  job: Job,
  body: OrderBody,
  millis: number,
  secrets: Readonly<Record<string, Secret>> = {},
): Promise<Done> {
  const own = job.timeout === undefined ? millis : job.timeout * 1000;
  return bench.fleet.call({
    to: job.node,
    id: CallId.parse(job.call),
    body,
    ...(bench.check ? { check: { run: bench.run } } : {}),
    secrets,
    deadline: deadlineIn(bench.clock, own + grace),
    signal: bench.signal,
    onProgress: job.onProgress,
  });
}

/** An older agent is told apart before it is sent what it does not know. */
function lacks({ fleet }: Bench, node: NodeId, what: "kinds" | "actions", name: string): void {
  const hello = fleet.find(node)?.hello;
  if (hello === undefined || hello[what].includes(name)) return;
  throw new FlashfleetError(
    "kernel_lacks",
    `cannot do ${name} on ${node}: its agent (${hello.version}) does not know it`,
    {
      hint: "upgrade the agent there",
    },
  );
}
