import { Uuid } from "../../../shared/nvme/ids.ts";
import { nqnOfUuid } from "../../../shared/nvme/nqn.ts";
import type { Step } from "../../engine/step.ts";
import type { ObservedHost } from "../../observe/observed.ts";
import { hostidFile, hostnqnFile, owned } from "../paths.ts";

export interface Identity {
  hostnqn: string;
  hostid: string;
}

/**
 * The identity that a node should have: what is asked for, else what it has, else a new one. The host id is taken from
 * the host NQN where that is made of one, as nvme-cli does; kernels from 6.5 pair the two for ever.
 */
export function decideIdentity(
  asked: { [K in keyof Identity]?: Identity[K] | undefined },
  has: ObservedHost,
  freshUuid: string,
): Identity {
  const hostnqn = asked.hostnqn ?? has.hostnqn;
  const inName = Uuid.safeParse(hostnqn?.match(/:uuid:(.+)$/)?.[1]);
  const keepsName = asked.hostnqn === undefined || asked.hostnqn === has.hostnqn;
  const hostid = asked.hostid ?? (keepsName ? has.hostid : undefined) ?? (inName.success ? inName.data : freshUuid);
  return { hostnqn: hostnqn ?? nqnOfUuid(hostid), hostid };
}

/** The steps that write the two files; none where both are so already. */
export function identitySteps(resource: string, identity: Identity, has: ObservedHost): Step[] {
  if (has.hostnqn === identity.hostnqn && has.hostid === identity.hostid) return [];
  const created = has.hostnqn === undefined && has.hostid === undefined;
  return [
    {
      resource,
      phase: "host identity",
      says: `${created ? "create" : "change"} the host identity: ${identity.hostnqn}, host id ${identity.hostid}`,
      cost: "none",
      ...(created ? { creates: [owned.identity] } : {}),
      ops: [
        { op: "replace", path: hostnqnFile, content: `${identity.hostnqn}\n`, mode: 0o644 },
        { op: "replace", path: hostidFile, content: `${identity.hostid}\n`, mode: 0o644 },
      ],
    },
  ];
}
