import type { NvmetHost } from "../../../shared/modules/kinds/nvmet-host.ts";
import type { Secret } from "../../../shared/secret.ts";
import type { ObservedNvmetHost, Seen } from "../../observe/observed.ts";
import type { Op } from "../../system/system.ts";
import { differences, saySet, writeOps } from "../attributes.ts";
import { emptyPlan, type Goal, type Memory, type Plan, type Wanted } from "../kind.ts";
import { lettingGo } from "../letting-go.ts";
import { missingKey } from "../missing-key.ts";
import { notOurs } from "../not-ours.ts";
import { nvmetReady } from "../nvmet-ready.ts";
import { hostPath, owned } from "../paths.ts";

export function plan(wanted: Wanted, seen: Seen<"kernel" | "nvmet">, memory: Memory): Plan {
  const plan = emptyPlan();
  for (const goal of wanted.goals("nvmet_host")) {
    const host = seen.nvmet.hosts.find(({ nqn }) => nqn === goal.resource.nqn);
    if (goal.state === "absent") remove(plan, goal, host, wanted, seen, memory);
    else configure(plan, goal, host, seen, memory);
  }
  return plan;
}

const keyFields = ["dhchap_key", "dhchap_ctrl_key"] as const;

function configure(
  plan: Plan,
  { key, resource }: Goal<"nvmet_host">,
  host: ObservedNvmetHost | undefined,
  seen: Seen<"kernel" | "nvmet">,
  memory: Memory,
): void {
  const path = hostPath(resource.nqn);
  if (host === undefined) {
    if (!nvmetReady(plan, key, seen)) return;
    plan.steps.push({
      resource: key,
      phase: "create host",
      says: `create host ${resource.nqn}`,
      cost: "none",
      creates: [owned.host(resource.nqn)],
      ops: [{ op: "mkdir", path }],
    });
  }
  const changes = differences(
    { dhchap_hash: resource.dhchap_hash, dhchap_dhgroup: resource.dhchap_dhgroup },
    host?.attributes,
  );
  const keys = keyChanges(plan, key, resource, host, memory);
  if (
    host !== undefined &&
    (keys.length > 0 || changes.some(({ from }) => from === undefined)) &&
    !("dhchap_key" in host.keys)
  ) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "kernel_lacks",
        message: `cannot set keys of host ${resource.nqn}: Linux ${seen.kernel.release} has no in-band authentication`,
        hint: "it is built with CONFIG_NVME_TARGET_AUTH (Debian 13, Ubuntu from 6.8); without it, restrict by allowed_hosts and the network",
      },
    });
    return;
  }
  const ops: Op[] = [
    ...writeOps(path, changes),
    ...keys.map(({ name, value }): Op => ({ op: "write", path: `${path}/${name}`, value })),
  ];
  if (ops.length === 0) return;
  const says = [...(changes.length > 0 ? [saySet(changes)] : []), ...keys.map(({ name }) => `${name} to [secret]`)];
  plan.steps.push({
    resource: key,
    phase: "create host",
    says: `set ${says.join(", ")} of host ${resource.nqn}${keys.some(({ isNew }) => !isNew) ? " (until that host has it too, a reconnect of it is final)" : ""}`,
    cost: "none",
    ops,
  });
}

function keyChanges(
  plan: Plan,
  key: string,
  resource: NvmetHost,
  host: ObservedNvmetHost | undefined,
  memory: Memory,
): { name: string; value: Secret /** There was none before. */; isNew: boolean }[] {
  return keyFields.flatMap((name) => {
    const ref = resource[name];
    if (ref === undefined) return [];
    const value = memory.secret(ref);
    if (value === undefined) {
      plan.refusals.push(missingKey(key, `set ${name} of host ${resource.nqn}`, ref));
      return [];
    }
    const has = host?.keys[name];
    return value.equals(has) ? [] : [{ name, value, isNew: has === undefined }];
  });
}

function remove(
  plan: Plan,
  { key, resource }: Goal<"nvmet_host">,
  host: ObservedNvmetHost | undefined,
  wanted: Wanted,
  seen: Seen<"nvmet">,
  memory: Memory,
): void {
  if (host === undefined) return;
  if (!memory.owned.has(owned.host(resource.nqn))) {
    plan.refusals.push(notOurs(key, `host ${resource.nqn}`));
    return;
  }
  const going = lettingGo(wanted, "allowed_hosts", resource.nqn);
  const users = seen.nvmet.subsystems
    .filter(({ nqn, allowedHosts }) => !going.has(nqn) && allowedHosts.some((host) => host.nqn === resource.nqn))
    .map(({ nqn }) => nqn);
  if (users.length > 0) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "plan_refused",
        message: `cannot remove host ${resource.nqn}: it is an allowed host of ${users.join(", ")}`,
        hint: "take it out of their allowed_hosts first (exclusive: true with the hosts that stay)",
      },
    });
    return;
  }
  plan.steps.push({
    resource: key,
    phase: "remove host",
    says: `remove host ${resource.nqn}`,
    cost: "none",
    removes: [owned.host(resource.nqn)],
    ops: [{ op: "rmdir", path: hostPath(resource.nqn) }],
  });
}
