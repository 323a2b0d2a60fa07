import { type ErrorData, fromErrorData, toErrorData } from "../../../shared/errors.ts";
import type { KindDefinition } from "../../../shared/modules/kind.ts";
import { kinds } from "../../../shared/modules/kinds/kinds.ts";
import type { Cost } from "../../../shared/protocol/cost.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import { isJsonRecord, toJson } from "../../../shared/protocol/json.ts";
import type { Done, StepView } from "../../../shared/protocol/reply.ts";
import { entryKey, type Spec } from "../../../shared/protocol/spec.ts";
import type { Secret } from "../../../shared/secret.ts";
import { type Change, volumeOwner } from "../../fleet/specs.ts";
import type { Wanted } from "../../pairing/resources.ts";
import type { Volume } from "../../pairing/volume.ts";
import type { EvaluatedArguments } from "../arguments.ts";
import { type Bench, editSpec, type Job, performAction } from "../perform.ts";
import { sharedEndpoints } from "./shared-entries.ts";

/** A volume on one of its initiators, as a run works on it. */
export interface PairTask {
  bench: Bench;
  /** Of the initiator; its calls' ids begin with that of the job. */
  job: Job;
  volume: Volume;
  /** Things in use that may be touched all the same, each by its name. */
  override: readonly string[];
}

interface EndEdit {
  node: NodeId;
  /** What is done there, as messages say it: `export it`. */
  says: string;
  /** The entries, given the spec that they are made on. */
  changes(spec: Spec): readonly Change[] | Promise<readonly Change[]>;
  /** The entry that the answer's result is of. */
  subject: string;
  /** Steps that cost more are refused. */
  costs: readonly Cost[];
  /** Not reached, it is not undone by the node. */
  leave?: boolean;
  values?: Readonly<Record<string, Secret>>;
}

/** Entries that several volumes of a node share. */
export const sharedOwner = "volumes";
const sharedKinds = new Set(["nvmet_host", "nvme_host_identity"]);

export function changeOf({ kind, resource, shared }: Wanted, volume: string): Change {
  const definition: KindDefinition = kinds[kind];
  const parsed = definition.schema.parse(resource);
  const json = toJson(parsed);
  return {
    kind,
    key: entryKey(kind, definition.key(parsed)),
    resource: { ...(isJsonRecord(json) ? json : {}), state: resource.state },
    owner: shared === true || sharedKinds.has(kind) ? sharedOwner : volumeOwner(volume),
  };
}

/** Both ends of a pair, as far as orders reach them; what was done there adds up. */
export class Ends {
  readonly task: PairTask;
  readonly steps: StepView[] = [];
  changed = false;
  #calls = 0;

  constructor(task: PairTask) {
    this.task = task;
  }

  /** Edits the spec of an end. Throws what went wrong there, by its step and its node. */
  edit({ node, says, changes, subject, costs, leave = false, values = {} }: EndEdit): Promise<Done> {
    const { bench, override, volume } = this.task;
    // On a port that volumes share nobody can tell whose the sessions are: this volume's have ended, as its initiators say.
    const foreign = sharedEndpoints(volume, node, bench.volumes.onTarget(node));
    const consent = { costs: [...costs], overrides: [...override, ...foreign] };
    return this.#at(node, says, (job) => editSpec(bench, job, { changes, subject, consent, leave, values }));
  }

  /** Has an end do something that changes nothing. Throws as {@link edit}. */
  act(node: NodeId, says: string, action: "nvme_discover" | "nvme_verify", parsed: EvaluatedArguments["parsed"]) {
    const { bench } = this.task;
    return this.#at(node, says, (job) => performAction(bench, job, action, { parsed, secrets: {} }));
  }

  async #at(node: NodeId, says: string, work: (job: Job) => Promise<Done>): Promise<Done> {
    const { job, volume } = this.task;
    const call = `${job.call}_p${this.#calls++}`;
    const done = await work({
      ...job,
      node,
      call,
      onProgress: (text, stream) => job.onProgress(`${node}: ${text}`, stream),
    }).catch((error: unknown) => {
      const data = toErrorData(error);
      throw silent.has(data.code) ? new Silence(node, troubleData(volume, node, says, data)) : error;
    });
    this.steps.push(...done.steps.map((step) => ({ ...step, node })));
    if (done.outcome === "changed") this.changed = true;
    if (done.outcome === "ok" || done.outcome === "changed") return done;
    const error = done.error ?? { code: "task_failed", message: `it was ${done.outcome}` };
    throw fromErrorData(troubleData(volume, node, says, error));
  }
}

/** What went wrong: which step of which volume, and at which end. */
function troubleData({ volume }: Volume, node: NodeId, says: string, error: ErrorData): ErrorData {
  return { ...error, message: `volume ${volume}: cannot ${says} at ${node}: ${error.message}` };
}

/** Of errors that are not the node's own answer: what became of the order is not known. */
const silent = new Set(["node_unreachable", "deadline", "bus_lost", "interrupted"]);

/** An end that is out of reach, or a run that ends: nobody can say what became of the last order. */
export class Silence extends Error {
  readonly node: NodeId;
  readonly data: ErrorData;

  constructor(node: NodeId, data: ErrorData) {
    super(data.message);
    this.node = node;
    this.data = data;
  }
}
