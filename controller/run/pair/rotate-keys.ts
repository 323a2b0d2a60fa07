import { costs } from "../../../shared/protocol/cost.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Spec } from "../../../shared/protocol/spec.ts";
import type { Secret } from "../../../shared/secret.ts";
import type { Change } from "../../fleet/specs.ts";
import type { Volume } from "../../pairing/volume.ts";
import { changeOf, type Ends } from "./ends.ts";
import { PairKeys, type Proof, proofsOf } from "./keys.ts";
import { withPair } from "./with-pair.ts";

/**
 * Volumes of an initiator whose keys go together: a target has one key for a host, whatever it exports to it. With the volume
 * itself.
 */
function coupled(volume: Volume, initiator: NodeId, own: readonly Volume[]): Volume[] {
  const others = own.filter(
    ({ volume: name, authentication, pairs }) =>
      name !== volume.volume &&
      authentication !== "none" &&
      pairs.some((pair) => pair.initiator === initiator && (pair.ready || pair.open !== undefined)),
  );
  const found = [volume];
  for (const each of found) {
    const targets = new Set(each.legs.map(({ target }) => target));
    for (const other of others)
      if (!found.includes(other) && other.legs.some(({ target }) => targets.has(target))) found.push(other);
  }
  return found;
}

/**
 * Puts another version of an initiator's keys in place while its paths are live: one proof after the other, at the targets first,
 * then on the initiator, which authenticates again at once. A failure is not undone by the nodes: both ends go back together.
 */
export async function rotateKeys(ends: Ends, hostnqn: string, version: number, way: "there" | "back"): Promise<void> {
  const { bench, job, volume } = ends.task;
  const volumes = coupled(volume, job.node, bench.volumes.ofInitiator(job.node));
  const keys = new PairKeys(bench, { initiator: job.node, hostnqn });
  const own = volume.pairs.find(({ initiator }) => initiator === job.node)?.keyVersion;
  // A check has to know the other proof's key too, to see that both ends have the same one.
  const versions = [...new Set([own ?? version, volume.keyVersion, version])];
  const rounds = way === "there" ? proofsOf(volume) : proofsOf(volume).toReversed();
  for (const proof of rounds) {
    const targets = new Set(volumes.flatMap(({ legs }) => legs.map(({ target }) => target)));
    for (const target of targets) {
      const { references } = keys.forTarget(target, version, [proof]);
      const values = Object.assign(
        {},
        ...versions.map((each) => keys.forTarget(target, each, proofsOf(volume)).values),
      );
      await atTarget(ends, target, hostnqn, { references, values });
    }
    await atInitiator(ends, volumes, keys, { version, versions, proof });
  }
  if (way === "back") return;
  const others = volumes.filter((each) => each.volume !== volume.volume);
  for (const other of others) {
    await bench.volumes.update(
      other.volume,
      (now) => now && { ...withPair(now, job.node, (pair) => ({ ...pair, keyVersion: version })), keyVersion: version },
    );
  }
}

async function atTarget(
  ends: Ends,
  node: NodeId,
  hostnqn: string,
  { references, values }: ReturnType<PairKeys["forTarget"]>,
): Promise<void> {
  const change = changeOf({ kind: "nvmet_host", resource: { nqn: hostnqn, ...references, state: "present" } }, "");
  await ends.edit({
    node,
    says: "change the key of its host",
    changes: () => [change],
    subject: change.key,
    costs,
    leave: true,
    values,
  });
}

async function atInitiator(
  ends: Ends,
  volumes: readonly Volume[],
  keys: PairKeys,
  { version, versions, proof }: { version: number; versions: readonly number[]; proof: Proof },
): Promise<void> {
  const { node } = ends.task.job;
  const values: Record<string, Secret> = {};
  const changes: Change[] = volumes.map((each) => {
    const { volume, nqn } = each;
    const own = keys.forInitiator(nqn, version, [proof]);
    for (const every of versions) Object.assign(values, keys.forInitiator(nqn, every, proofsOf(each)).values);
    return changeOf({ kind: "nvme_connection", resource: { nqn, ...own.references, state: "present" } }, volume);
  });
  await ends.edit({
    node,
    says: "change its key",
    // One that is not connected has no key to change.
    changes: (spec: Spec) => changes.filter(({ key }) => spec.entries[key]?.state === "present"),
    subject: changes[0]?.key ?? "",
    costs,
    leave: true,
    values,
  });
}
