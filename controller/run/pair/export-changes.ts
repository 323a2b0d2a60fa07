import { FlashfleetError } from "../../../shared/errors.ts";
import type { Spec } from "../../../shared/protocol/spec.ts";
import type { Change } from "../../fleet/specs.ts";
import { type TargetKeys, targetResources } from "../../pairing/resources.ts";
import type { Leg, Pair, Volume } from "../../pairing/volume.ts";
import { changeOf, sharedOwner } from "./ends.ts";

interface Exporting {
  volume: Volume;
  leg: Leg;
  hostnqn: string;
  keys: TargetKeys;
  /** Of the volume, by now. */
  pairs: readonly Pair[];
}

/**
 * What a target's spec becomes for a volume on one of its initiators. A host that is none of its initiators' by now (one was made
 * anew, with another NQN) is let in no more. Throws `plan_refused` where a task has given the host another key there.
 */
export function exportChanges(spec: Spec, { volume, leg, hostnqn, keys, pairs }: Exporting): Change[] {
  const host = spec.entries[`nvmet_host ${hostnqn}`];
  if (Object.keys(keys).length > 0 && host?.resource.dhchap_key !== undefined && host.owner !== sharedOwner) {
    throw new FlashfleetError(
      "plan_refused",
      `cannot give ${hostnqn} a key on ${leg.target}: it has one there by ${host.owner}, and a target has one for a host`,
      { hint: "take that key out first (nvmet_host with state: absent), or export this volume from another target" },
    );
  }
  const allowed = spec.entries[`nvmet_subsystem ${volume.nqn}`]?.resource.allowed_hosts;
  const has = Array.isArray(allowed) ? allowed : [];
  const own = new Set<unknown>([hostnqn, ...pairs.map((pair) => pair.hostnqn)]);
  const staying = has.filter((each) => own.has(each));
  return targetResources(volume, leg, hostnqn, keys).map((wanted) => {
    const change = changeOf(wanted, volume.volume);
    if (change.kind !== "nvmet_subsystem" || staying.length === has.length) return change;
    return {
      ...change,
      resource: { ...change.resource, allowed_hosts: [...new Set([...staying, hostnqn])], exclusive: true },
    };
  });
}
