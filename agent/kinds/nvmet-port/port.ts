import type { Step } from "../../engine/step.ts";
import type { ObservedPort, Seen } from "../../observe/observed.ts";
import type { Op } from "../../system/system.ts";
import { differences, lacking, lackingError, saySet, writeOps } from "../attributes.ts";
import { emptyPlan, type Goal, type Memory, type Plan, type Refusal } from "../kind.ts";
import { notOurs } from "../not-ours.ts";
import { nvmetReady } from "../nvmet-ready.ts";
import { anaGroupPath, linkPath, owned, portPath, referralPath } from "../paths.ts";
import { sessionGuards } from "../sessions.ts";
import { addressAttributes, optionAttributes, referralAttributes } from "./attributes.ts";

/** A port's directory, attributes, ANA groups and referrals; its links are planned beside all others (links.ts). */
export function planPort(goal: Goal<"nvmet_port">, id: number, seen: Seen<"kernel" | "nvmet">, memory: Memory): Plan {
  const plan = emptyPlan();
  const port = seen.nvmet.ports.find((each) => each.id === id);
  const twin = seen.nvmet.ports.find((each) => each.id !== id && sameEndpoint(each, goal));
  if (twin !== undefined) {
    plan.refusals.push({
      resource: goal.key,
      error: {
        code: "address_in_use",
        message: `cannot create port ${id} on ${goal.key.replace("nvmet_port ", "")}: port ${twin.id} has that address`,
        hint: `use port ${twin.id}, or another service id`,
      },
    });
    return plan;
  }
  if (port === undefined) {
    if (!nvmetReady(plan, goal.key, seen)) return plan;
    plan.steps.push({
      ...step(goal, `create port ${id}`),
      creates: [owned.port(id)],
      ops: [{ op: "mkdir", path: portPath(id) }],
    });
  }
  attributes(plan, goal, id, port, memory);
  anaGroups(plan, goal, id, port, memory);
  referrals(plan, goal, id, port);
  return plan;
}

const step = ({ key }: Goal, says: string) =>
  ({ resource: key, phase: "create port", says, cost: "none" }) satisfies Partial<Step>;

/** Whether a port has the address that the goal asks for. */
export function sameEndpoint({ attributes }: ObservedPort, goal: Goal<"nvmet_port">): boolean {
  return differences(addressAttributes(goal.resource), attributes).length === 0;
}

function attributes(
  plan: Plan,
  goal: Goal<"nvmet_port">,
  id: number,
  port: ObservedPort | undefined,
  memory: Memory,
): void {
  const wanted = { ...addressAttributes(goal.resource), ...optionAttributes(goal.resource) };
  const changes = differences(wanted, port?.attributes);
  if (changes.length === 0) return;
  const lacks = port === undefined ? [] : lacking(wanted, port.attributes);
  if (lacks.length > 0) {
    plan.refusals.push({ resource: goal.key, error: lackingError(lacks, `port ${id}`) });
    return;
  }
  const links = port?.links ?? [];
  const mine = port === undefined || memory.owned.has(owned.port(id));
  if (!mine) {
    plan.refusals.push(foreignPort(goal.key, `set ${saySet(changes)} of port ${id}`));
    return;
  }
  const foreign = links.filter(({ nqn }) => !memory.owned.has(owned.link(id, nqn)));
  if (foreign.length > 0) {
    plan.refusals.push(...foreign.map(({ nqn }) => notOurs(goal.key, `the link of ${nqn} into port ${id}`)));
    return;
  }
  // An enabled port takes no attribute, not even the value it has (EACCES): its links come off, and on again last.
  for (const { link, nqn } of links) {
    plan.steps.push({
      resource: goal.key,
      phase: "unlink",
      says: `unlink ${nqn} from port ${id} to change its attributes`,
      cost: "path loss",
      guards: sessionGuards(port === undefined ? [] : [port]),
      ops: [{ op: "unlink", path: linkPath(id, link) }],
    });
    plan.steps.push({
      resource: goal.key,
      phase: "link",
      says: `link ${nqn} into port ${id} again`,
      cost: "none",
      ops: [relink(id, link, nqn)],
    });
  }
  plan.steps.push({ ...step(goal, `set ${saySet(changes)} of port ${id}`), ops: writeOps(portPath(id), changes) });
}

const foreignPort = (resource: string, doing: string): Refusal => ({
  resource,
  error: {
    code: "not_ours",
    message: `cannot ${doing}: flashfleet did not create that port`,
    hint: "use another port id; what others listen on stays as it is",
  },
});

const relink = (id: number, link: string, nqn: string): Op => ({
  op: "symlink",
  path: linkPath(id, link),
  to: `/sys/kernel/config/nvmet/subsystems/${nqn}`,
});

function anaGroups(
  plan: Plan,
  goal: Goal<"nvmet_port">,
  id: number,
  port: ObservedPort | undefined,
  memory: Memory,
): void {
  for (const group of goal.resource.ana_groups ?? []) {
    const has = port?.anaGroups.find((each) => each.id === group.id);
    const builtIn = group.id === 1;
    const state = has?.state ?? (builtIn ? "optimized" : "inaccessible");
    const path = anaGroupPath(id, group.id);
    const ops: Op[] = [
      ...(has === undefined && !builtIn ? [{ op: "mkdir", path } as const] : []),
      ...(state === group.state ? [] : [{ op: "write", path: `${path}/ana_state`, value: group.state } as const]),
    ];
    if (ops.length === 0) continue;
    const says = `set ANA group ${group.id} of port ${id} to ${group.state} (was ${state})`;
    if (port !== undefined && !memory.owned.has(owned.port(id))) {
      plan.refusals.push(foreignPort(goal.key, says));
      continue;
    }
    plan.steps.push({
      ...step(goal, says),
      cost: group.state === "optimized" || group.state === "non-optimized" || has === undefined ? "none" : "path loss",
      ...(has === undefined && !builtIn ? { creates: [owned.anaGroup(id, group.id)] } : {}),
      ops,
    });
  }
}

function referrals(plan: Plan, goal: Goal<"nvmet_port">, id: number, port: ObservedPort | undefined): void {
  for (const referral of goal.resource.referrals ?? []) {
    const has = port?.referrals.find(({ name }) => name === referral.name);
    const changes = differences(referralAttributes(referral), has?.attributes);
    const path = referralPath(id, referral.name);
    const enabled = has?.attributes.enable === "1";
    if (changes.length === 0 && enabled) continue;
    plan.steps.push({
      ...step(
        goal,
        `refer from port ${id} to ${referral.transport} ${referral.address}:${referral.service_id} (${referral.name})`,
      ),
      ...(has === undefined ? { creates: [owned.referral(id, referral.name)] } : {}),
      ops: [
        ...(has === undefined ? [{ op: "mkdir", path } as const] : []),
        // addr_* of an enabled referral give EACCES.
        ...(enabled ? [{ op: "write", path: `${path}/enable`, value: "0" } as const] : []),
        ...writeOps(path, changes),
        { op: "write", path: `${path}/enable`, value: "1" },
      ],
    });
  }
}
