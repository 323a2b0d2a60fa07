import { FlashfleetError } from "../../../shared/errors.ts";
import { type Cost, costs } from "../../../shared/protocol/cost.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import { isJsonRecord, type JsonRecord } from "../../../shared/protocol/json.ts";
import type { Spec } from "../../../shared/protocol/spec.ts";
import type { Change } from "../../fleet/specs.ts";
import { connection, hasLeaving, stayingPorts, withoutLeaving } from "../../pairing/resources.ts";
import type { Leg, Pair, Volume, VolumePort } from "../../pairing/volume.ts";
import type { Attempt } from "../call-module.ts";
import { aboutToChange, withBefore } from "./before.ts";
import { type Disk, diskOf } from "./disk.ts";
import { changeOf, Ends, type PairTask } from "./ends.ts";
import { exportChanges } from "./export-changes.ts";
import { PairKeys, proofsOf } from "./keys.ts";
import { portsNow, withoutDeadPaths } from "./paths-now.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { isPortUsed } from "./shared-entries.ts";
import { undoPair } from "./undo-pair.ts";
import { verifyTarget } from "./verify-target.ts";
import { withPair } from "./with-pair.ts";

/** All that a change for the better may cost: what is in use is guarded, whatever it costs. */
const anyCost: readonly Cost[] = costs;

/**
 * Makes a volume work on one of its initiators, or finds that it does: target first, then initiator path by path, verified from
 * both ends. What fails is undone in reverse, this pair alone; with an end out of reach it is in doubt.
 */
export async function pairVolume(task: PairTask): Promise<Attempt> {
  const making = new Making(task);
  try {
    const result = await making.make();
    return { outcome: making.ends.changed ? "changed" : "ok", result, steps: making.ends.steps };
  } catch (error) {
    return { ...(await undoPair(making.ends, error)), steps: making.ends.steps };
  }
}

class Making {
  readonly ends: Ends;
  readonly #task: PairTask;

  constructor(task: PairTask) {
    this.#task = task;
    this.ends = new Ends(task);
  }

  get #initiator(): NodeId {
    return this.#task.job.node;
  }

  async make(): Promise<JsonRecord> {
    const { volume, bench } = this.#task;
    const hostnqn = await this.#identify();
    // Hosts go by their ids alone: a twin of one would drive the other out.
    if (this.#pair()?.ready !== true)
      bench.identities.insist({ initiator: this.#initiator, nqn: volume.nqn, uuids: [volume.uuid] });
    const keys = new PairKeys(bench, { initiator: this.#initiator, hostnqn });
    if (this.#rotates()) await this.#rotate(hostnqn);
    for (const leg of volume.legs) await this.#export(leg, hostnqn, keys);
    // What has worked and is unchanged needs no question: the read below answers it.
    if (this.#pair()?.ready !== true || this.ends.changed) for (const leg of volume.legs) await this.#offered(leg);
    if (hasLeaving(volume)) await this.#leaveDead(keys);
    const disk = await this.#connect(keys);
    await this.#verify(stayingPorts(volume), verifySeconds);
    for (const leg of volume.legs) verifyTarget(this.#task, leg, disk.size);
    if (hasLeaving(volume)) await this.#leave(keys);
    await this.#commit(hostnqn, disk.size);
    return { volume: volume.volume, ...disk, nqn: volume.nqn, targets: volume.legs.map(({ target }) => target) };
  }

  /** The host NQN that targets let in: kept where it is, made once where it is not. */
  async #identify(): Promise<string> {
    const change = changeOf({ kind: "nvme_host_identity", resource: { state: "present" } }, this.#task.volume.volume);
    const { result } = await this.#edit(this.#initiator, "give it a host NQN", () => [change], change.key);
    const hostnqn = isJsonRecord(result) ? result.hostnqn : undefined;
    if (typeof hostnqn === "string") {
      this.#task.bench.identities.claim(hostnqn, this.#initiator);
      if (this.#pair()?.hostnqn !== hostnqn) await this.#update((pair) => ({ ...pair, hostnqn }));
      return hostnqn;
    }
    throw new FlashfleetError("bad_message", `${this.#initiator} did not say its host NQN`);
  }

  #rotates(): boolean {
    const { authentication, keyVersion } = this.#task.volume;
    const pair = this.#pair();
    return authentication !== "none" && pair?.ready === true && pair.keyVersion !== keyVersion;
  }

  /** With a new key at one end alone a reconnect is final: only while all paths are live. */
  async #rotate(hostnqn: string): Promise<void> {
    const { volume } = this.#task;
    const now = portsNow(this.#task);
    // Paths that are to come take the new key when they connect.
    await this.#verify(now.length === 0 ? stayingPorts(volume) : now, liveSeconds);
    await this.#update((pair) => ({ ...pair, open: pair.open ?? { does: "make", before: {} } }));
    await rotateKeys(this.ends, hostnqn, volume.keyVersion, "there");
  }

  async #export(leg: Leg, hostnqn: string, keys: PairKeys): Promise<void> {
    const { volume } = this.#task;
    const { references, values } = keys.forTarget(leg.target, volume.keyVersion, proofsOf(volume));
    const changes = (spec: Spec) =>
      exportChanges(spec, { volume, leg, hostnqn, keys: references, pairs: this.#now()?.pairs ?? [] });
    await this.#edit(leg.target, "export it", changes, `nvmet_subsystem ${volume.nqn}`, values);
  }

  /** As the initiator sees it, without the kernel: over RDMA only a connect can tell. */
  async #offered({ ports }: Leg): Promise<void> {
    const { nqn, transport } = this.#task.volume;
    if (transport !== "tcp") return;
    for (const { address, service_id } of ports.filter(({ leaving }) => leaving === undefined)) {
      const args = { transport, address, service_id, nqn, timeout: discoverySeconds };
      await this.ends.act(this.#initiator, `find it at ${address}:${service_id}`, "nvme_discover", args);
    }
  }

  async #leaveDead(keys: PairKeys): Promise<void> {
    const ports = withoutDeadPaths(this.#task);
    if (ports !== undefined) await this.#takeOff("take it off its dead paths", ports, keys);
  }

  async #connect(keys: PairKeys): Promise<Disk> {
    const { volume } = this.#task;
    const { references, values } = keys.forInitiator(volume.nqn, volume.keyVersion, proofsOf(volume));
    const ports = stayingPorts(volume);
    const [first, ...more] = ports;
    if (first === undefined) throw new FlashfleetError("internal", `volume ${volume.volume} has no path`);
    // A path that it is moving from may be dead for good, and is not waited for. It stays connected until the others work.
    const exact = hasLeaving(volume) ? ({ exact: true } as const) : {};
    const whole = { ...changeOf(connection(volume, ports, references), volume.volume), ...exact };
    const single = changeOf(connection(volume, [first], references), volume.volume);
    // The disk over the first path must be the right one before others are added to it.
    const isNew = (spec: Spec) => spec.entries[whole.key]?.state !== "present";
    let wasNew = false;
    const { result } = await this.#edit(
      this.#initiator,
      "connect it",
      (spec) => {
        wasNew ||= isNew(spec);
        return [wasNew ? single : whole];
      },
      whole.key,
      values,
    );
    const disk = diskOf(volume, this.#initiator, result, this.#task.bench.check);
    if (wasNew && more.length > 0)
      await this.#edit(this.#initiator, "add its other paths", () => [whole], whole.key, values);
    return disk;
  }

  async #verify(ports: readonly VolumePort[], seconds: number): Promise<void> {
    const { volume } = this.#task;
    const paths = ports.map(({ address, service_id }) => ({
      transport: volume.transport,
      address,
      service_id,
    }));
    const args = { nqn: volume.nqn, uuid: volume.uuid, paths, timeout: seconds };
    await this.ends.act(this.#initiator, "read from it", "nvme_verify", args);
  }

  /** The paths that it has moved from go, now that the others work; the listeners once no initiator needs them. */
  async #leave(keys: PairKeys): Promise<void> {
    const { volume, bench } = this.#task;
    await this.#takeOff("take it off its old paths", stayingPorts(volume), keys);
    const now = await this.#update((pair) => ({ ...pair, moved: true }));
    if (now?.pairs.some(({ moved, ready }) => ready && moved !== true)) return;
    for (const leg of volume.legs) {
      if (!leg.ports.some(({ leaving }) => leaving === true)) continue;
      const changes = (spec: Spec) => {
        const links = spec.entries[`nvmet_subsystem ${volume.nqn}`]?.resource.ports;
        const stays = (port: VolumePort) => isPortUsed(bench.volumes.onTarget(leg.target), leg.target, port, volume);
        return withoutLeaving(volume, leg, Array.isArray(links) ? links : [], stays).map((each) =>
          changeOf(each, volume.volume),
        );
      };
      await this.#edit(leg.target, "close its old ports", changes, `nvmet_subsystem ${volume.nqn}`);
    }
    await bench.volumes.update(volume.volume, (before) => (before === undefined ? undefined : withoutOldPorts(before)));
  }

  /** Disconnects all paths but those to these listeners. */
  async #takeOff(says: string, ports: readonly VolumePort[], keys: PairKeys): Promise<void> {
    const { volume } = this.#task;
    const { references, values } = keys.forInitiator(volume.nqn, volume.keyVersion, proofsOf(volume));
    const { resource, ...change } = changeOf(connection(volume, ports, references), volume.volume);
    const exclusive: Change = { ...change, resource: { ...resource, exclusive: true }, exact: true };
    await this.#edit(this.#initiator, says, () => [exclusive], change.key, values);
  }

  async #commit(hostnqn: string, size: number): Promise<void> {
    const { bench, volume } = this.#task;
    const { keyVersion } = volume;
    const own = this.#pair();
    const isSaid = own?.ready === true && own.open === undefined && own.keyVersion === keyVersion;
    if (isSaid && this.#now()?.size === size) return;
    const initiator = this.#initiator;
    await bench.volumes.update(
      volume.volume,
      (now) => now && { ...withPair(now, initiator, () => ({ initiator, ready: true, hostnqn, keyVersion })), size },
    );
  }

  #edit(
    node: NodeId,
    says: string,
    changes: (spec: Spec) => readonly Change[],
    subject: string,
    values: Parameters<Ends["edit"]>[0]["values"] = {},
  ) {
    const remembered = async (spec: Spec) => {
      const made = changes(spec);
      await this.#remember(node, aboutToChange(spec, made));
      return made;
    };
    return this.ends.edit({ node, says, changes: remembered, subject, costs: anyCost, values });
  }

  /** On disk before anything is sent: where an undo leads, whoever does it. */
  async #remember(node: NodeId, more: ReturnType<typeof aboutToChange>): Promise<void> {
    const known = this.#pair()?.open?.before[node] ?? {};
    if (Object.keys(more).every((key) => Object.hasOwn(known, key))) return;
    await this.#update((pair) => ({
      ...pair,
      open: { does: "make", before: withBefore(pair.open?.before ?? {}, node, more) },
    }));
  }

  #now(): Volume | undefined {
    const { bench, volume } = this.#task;
    return bench.volumes.all.get(volume.volume);
  }

  #pair(): Pair | undefined {
    return this.#now()?.pairs.find(({ initiator }) => initiator === this.#initiator);
  }

  #update(change: (pair: Pair) => Pair): Promise<Volume | undefined> {
    const { bench, volume } = this.#task;
    return bench.volumes.update(volume.volume, (now) => now && withPair(now, this.#initiator, change));
  }
}

const discoverySeconds = 10;
const verifySeconds = 30;
/** For what has worked before. */
const liveSeconds = 5;

function withoutOldPorts(volume: Volume): Volume {
  return {
    ...volume,
    legs: volume.legs.map((leg) => ({ ...leg, ports: leg.ports.filter(({ leaving }) => leaving === undefined) })),
    pairs: volume.pairs.map(({ moved: _, ...pair }) => pair),
  };
}
