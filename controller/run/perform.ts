import { type Clock, type Deadline, deadlineIn } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { actions } from "../../shared/modules/actions/actions.ts";
import type { KindDefinition } from "../../shared/modules/kind.ts";
import { type KindName, kinds } from "../../shared/modules/kinds/kinds.ts";
import { costs } from "../../shared/protocol/cost.ts";
import { CallId, type NodeId, RunId } from "../../shared/protocol/ids.ts";
import { isJsonRecord, type JsonRecord, toJson } from "../../shared/protocol/json.ts";
import type { Consent, OpenBody } from "../../shared/protocol/order.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import { type Edit, entryKey, type Spec } from "../../shared/protocol/spec.ts";
import type { Secret } from "../../shared/secret.ts";
import type { Fleet, Request } from "../fleet/fleet.ts";
import type { Changes, Drafts, Specs } from "../fleet/specs.ts";
import type { Volumes } from "../fleet/volumes.ts";
import type { Keyring } from "../project/vault/keyring.ts";
import type { EvaluatedArguments } from "./arguments.ts";
import { Assumptions } from "./assumptions.ts";
import { endpointsIn, endpointsOf } from "./endpoints.ts";
import type { KeptResults } from "./kept-results.ts";
import type { KeptSecrets } from "./kept-secrets.ts";
import type { Identities } from "./pair/identities.ts";
import type { PlanRecord } from "./planned/plan-record.ts";
import { sealedOrder } from "./sealed-order.ts";
import { referTo, secretName } from "./secret-names.ts";

/** What orders of a run need. */
export interface Bench {
  run: RunId;
  fleet: Fleet;
  specs: Specs;
  /** In a check: copies of them. */
  volumes: Volumes;
  /** Nodes that are given up: what other nodes have with them is taken down. */
  abandoned: ReadonlySet<NodeId>;
  identities: Identities;
  /** 32 bytes for a purpose, the same for ever. */
  deriveKey(purpose: string): Uint8Array;
  clock: Clock;
  /** Versions of secrets are digests under it. */
  secretKey: Uint8Array;
  keptSecrets: KeptSecrets;
  keptResults: KeptResults;
  check: boolean;
  /** Whether people want to see what changes in files. */
  diff: boolean;
  /** How often -v was given. */
  verbosity: number;
  /** Opens what a vault encrypted. */
  keyring?: Keyring | undefined;
  /** Seconds of a task that says nothing itself; undefined: the module's own. */
  taskTimeout?: number | undefined;
  /** The project's, by path. */
  files: Readonly<Record<string, string>>;
  /** Where an earlier life of the controller began the run: how many there were, and until when nodes may still say hello. */
  again?: { lives: number; until: Deadline };
  /** In a check: what the tasks so far made of each node's spec, and of what other nodes meet there. */
  drafts: Drafts;
  assumptions: Assumptions;
  /** Of a check that is to be saved as a plan. */
  record?: PlanRecord;
  signal: AbortSignal;
}

/** For a task that says of itself whether it is a check. One in a real run looks at the node as it is by then, alone. */
export function benchFor(whole: Bench, { check, diff }: Pick<Bench, "check" | "diff">): Bench {
  const bench = diff === whole.diff ? whole : { ...whole, diff };
  if (check === bench.check) return bench;
  if (!check) return { ...bench, check };
  const run = RunId.parse(`${bench.run}-${crypto.randomUUID().slice(0, 8)}`);
  const { volumes } = bench;
  return { ...bench, check, run, volumes: volumes.draft(), drafts: new Map(), assumptions: new Assumptions() };
}

/** One task, or one item of its loop, on one node. */
export interface Job {
  node: NodeId;
  /** Tells this call from every other of the run, for ever. */
  call: string;
  /** Seconds; undefined: the module's own. */
  timeout: number | undefined;
  /** Of the programs that the node runs for it, over the agent's own. */
  environment?: Readonly<Record<string, string>> | undefined;
  /** See {@link Request}: hosts that lose nothing while the node is down, and the only boot of it that is told. */
  covered?: Request["covered"];
  bootId?: Request["bootId"];
  /** Neither what it is told nor what it says may be read on the way: the run has secrets. */
  confidential: boolean;
  onProgress: (text: string, stream?: "stdout" | "stderr") => void;
}

/** Milliseconds for bringing a node to a resource: a refused DH-HMAC-CHAP key takes the kernel up to a minute (nvmet-abi 4). */
const convergeMillis = 120_000;
const factsMillis = 30_000;
/** A command may take long; that its node is alive is seen every second. */
const actionMillis = 3_600_000;
/** Milliseconds beyond the node's own deadline in which it may say that it missed it. */
const grace = 5_000;

export async function gatherFacts(bench: Bench, job: Job): Promise<Done> {
  await returned(bench, job);
  return call(bench, job, { do: "facts" }, factsMillis);
}

/** Runs an action on a node. */
export async function performAction(
  bench: Bench,
  job: Job,
  name: keyof typeof actions,
  { parsed }: EvaluatedArguments,
): Promise<Done> {
  await returned(bench, job);
  lacks(bench, job.node, "actions", name);
  const own = typeof parsed.timeout === "number" ? parsed.timeout * 1000 + grace : actionMillis;
  const args = toJson(parsed);
  const { environment } = job;
  const body = { do: "action" as const, action: name, arguments: isJsonRecord(args) ? args : {} };
  const done = await call(
    bench,
    job,
    environment === undefined ? body : { ...body, environment: { ...environment } },
    own,
  );
  if (bench.diff || !isJsonRecord(done.result)) return done;
  const { diff: _diff, ...result } = done.result;
  return { ...done, result };
}

/** Brings a node to a resource, by an edit of its spec. */
export async function performKind(
  bench: Bench,
  job: Job,
  kind: KindName,
  { parsed, secrets }: EvaluatedArguments,
  owner: string,
): Promise<Done> {
  await returned(bench, job);
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
  const change = { kind, key, resource: { ...fields, ...references, state } as const, owner };
  const overrides = Array.isArray(override) ? override.filter((name) => typeof name === "string") : [];
  return editSpec(bench, job, {
    changes: () => [change],
    subject: key,
    consent: { costs: [...costs], overrides },
    values,
  });
}

/** What is to become of a node's spec. */
export interface SpecEdit {
  changes: Changes;
  /** The entry that the answer's result is of. */
  subject: string;
  consent: Consent;
  /** Not reached, it is not undone by the node. */
  leave?: boolean;
  /** Of the secrets that the changes refer to. */
  values: Readonly<Record<string, Secret>>;
}

/** Brings a node to an edit of its spec. */
export async function editSpec(
  bench: Bench,
  job: Job,
  { changes, subject, consent, leave = false, values }: SpecEdit,
): Promise<Done> {
  await returned(bench, job);
  let keys: ReadonlySet<string> = new Set();
  const named: Changes = async (spec) => {
    const made = await changes(spec);
    keys = new Set(made.map(({ key }) => key));
    return made;
  };
  const send = async (edit: Edit, attempt: number, spec?: Spec) => {
    if (attempt > 0) bench.assumptions.forget(job.node);
    // A node that has lost its disk is sent the rest of its spec too, which may refer to secrets of earlier tasks.
    const entries = Object.entries(edit.set);
    const own = entries.flatMap(([key, entry]) => (keys.has(key) ? [entry] : []));
    const others = entries.flatMap(([key, entry]) => (keys.has(key) ? [] : [entry]));
    const done = await call(
      bench,
      { ...job, call: callOfEdit(bench, job, attempt) },
      { do: "converge", edit, subject, consent, ...(leave ? { leave: true as const } : {}) },
      convergeMillis,
      { ...(await bench.keptSecrets.of(others)), ...values },
      spec,
    );
    const reached = done.outcome === "ok" || done.outcome === "changed";
    if (reached && !bench.check) for (const entry of own) await bench.keptSecrets.keep(entry, values);
    return done;
  };
  if (!bench.check) return bench.specs.change(job.node, named, send);
  bench.assumptions.remember(values);
  return bench.specs.draft(job.node, named, bench.drafts, send);
}

function toRecord(value: object): JsonRecord {
  const json = toJson(value);
  return isJsonRecord(json) ? json : {};
}

async function call(
  bench: Bench,
  job: Job,
  body: OpenBody,
  millis: number,
  secrets: Readonly<Record<string, Secret>> = {},
  spec?: Spec,
): Promise<Done> {
  await bench.record?.look(job.node);
  const own = job.timeout === undefined ? millis : job.timeout * 1000;
  const check = bench.check ? { check: { run: bench.run, ...assumedFor(bench, job, { body, secrets, spec }) } } : {};
  const done = await bench.fleet.call({
    to: job.node,
    id: CallId.parse(job.call),
    ...check,
    ...(job.confidential ? sealedOrder(bench.secretKey, body, secrets) : { body, secrets }),
    ...(job.covered === undefined ? {} : { covered: job.covered }),
    bootId: job.bootId,
    deadline: deadlineIn(bench.clock, own + grace),
    grace,
    signal: bench.signal,
    onProgress: job.onProgress,
  });
  if (bench.check) bench.assumptions.take(job.node, done);
  return done;
}

/** What the run's checks of other nodes would make, as far as it concerns this order. */
function assumedFor(
  { assumptions, fleet }: Bench,
  { node }: Job,
  { body, secrets, spec }: { body: OpenBody; secrets: Record<string, Secret>; spec: Spec | undefined },
) {
  const exported = fleet.find(node)?.report?.exports ?? [];
  return assumptions.of({
    node,
    endpoints: endpointsIn(body),
    others: endpointsOf(Object.values(spec?.entries ?? {})),
    addresses: exported.flatMap(({ ports }) => ports.map(({ address }) => address)),
    secrets,
  });
}

/** A controller that was started anew meets its nodes one after the other. */
export async function returned({ again, fleet, signal }: Bench, { node }: Job): Promise<void> {
  if (again !== undefined) await fleet.appeared(node, again.until, signal);
}

/**
 * An edit is made anew on another generation, or by another life of the controller: that is another order. Done twice it
 * changes nothing the second time, so what became of the first need not be known.
 */
function callOfEdit({ again }: Bench, { call: id }: Job, attempt: number): string {
  const life = again === undefined ? "" : `_life${again.lives}`;
  return attempt === 0 ? `${id}${life}` : `${id}${life}_${attempt}`;
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
