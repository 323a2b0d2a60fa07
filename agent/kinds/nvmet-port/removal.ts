import type { NvmetPort } from "../../../shared/modules/kinds/nvmet-port.ts";
import type { OwnedKey } from "../../engine/step.ts";
import type { ObservedPort, Seen } from "../../observe/observed.ts";
import { differences } from "../attributes.ts";
import { emptyPlan, type Goal, type Memory, type Plan, type Wanted } from "../kind.ts";
import { lettingGo } from "../letting-go.ts";
import { notOurs } from "../not-ours.ts";
import { anaGroupPath, owned, portPath, referralPath } from "../paths.ts";
import { addressAttributes } from "./attributes.ts";

/** Removes a port that exports nothing any more; ANA groups and referrals of ours go with it. */
export function planRemoval(
  goal: Goal<"nvmet_port">,
  wanted: Wanted,
  seen: Seen<"kernel" | "nvmet">,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
  const port = seen.nvmet.ports.find((each) => isMeant(each, goal.resource, memory));
  if (port === undefined) return plan;
  const foreign = [
    ...(memory.owned.has(owned.port(port.id)) ? [] : [`port ${port.id}`]),
    ...extraGroups(port)
      .filter(({ id }) => !memory.owned.has(owned.anaGroup(port.id, id)))
      .map(({ id }) => `ANA group ${id} of port ${port.id}`),
    ...port.referrals
      .filter(({ name }) => !memory.owned.has(owned.referral(port.id, name)))
      .map(({ name }) => `referral ${name} of port ${port.id}`),
  ];
  if (foreign.length > 0) {
    plan.refusals.push(notOurs(goal.key, foreign.join(", ")));
    return plan;
  }
  const going = lettingGo(wanted, "ports", port.id);
  const staying = port.links.filter(({ nqn }) => !going.has(nqn)).map(({ nqn }) => nqn);
  if (staying.length > 0) {
    plan.refusals.push({
      resource: goal.key,
      error: {
        code: "plan_refused",
        message: `cannot remove port ${port.id}: it exports ${staying.join(", ")}`,
        hint: "remove these subsystems first, or take the port out of their ports (exclusive: true with the ports that stay)",
      },
    });
    return plan;
  }
  // On 5.0 and 5.4 removing a referral oopses the kernel and kills whoever does it (nvmet_referral_release).
  if (port.referrals.length > 0 && /^5\.[0-9]\./.test(seen.kernel.release)) {
    plan.refusals.push({
      resource: goal.key,
      error: {
        code: "kernel_refused",
        message: `cannot remove port ${port.id}: it has referrals, and removing one crashes Linux ${seen.kernel.release}`,
        hint: "write 0 to the referrals' enable and leave the port until the node runs 5.10 or newer",
      },
    });
    return plan;
  }
  // One step for each thing: where the agent is stopped in between, the record still says what is left.
  const step = (what: string, removes: OwnedKey, path: string) =>
    ({
      resource: goal.key,
      phase: "remove port",
      says: `remove ${what}`,
      cost: "none",
      removes: [removes],
      ops: [{ op: "rmdir", path }],
    }) as const;
  const { id, directory } = port;
  plan.steps.push(
    ...port.referrals.map(({ name }) =>
      step(`referral ${name} of port ${id}`, owned.referral(id, name), referralPath(directory, name)),
    ),
    ...extraGroups(port).map((group) =>
      step(`ANA group ${group.id} of port ${id}`, owned.anaGroup(id, group.id), anaGroupPath(directory, group.id)),
    ),
    step(`port ${id}`, owned.port(id), portPath(directory)),
  );
  return plan;
}

/** The port with that address; also ours with that id whose address was never written whole. */
function isMeant({ id, attributes }: ObservedPort, wanted: NvmetPort, memory: Memory): boolean {
  if (wanted.id !== undefined && wanted.id !== id) return false;
  const others = differences(addressAttributes(wanted), attributes);
  const halfMade = wanted.id === id && memory.owned.has(owned.port(id)) && others.every(({ from }) => from === "");
  return others.length === 0 || halfMade;
}

/** Group 1 is built in: rmdir gives EPERM. */
const extraGroups = ({ anaGroups }: ObservedPort) => anaGroups.filter(({ id }) => id !== 1);
