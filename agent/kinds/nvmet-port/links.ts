import type { NvmetPort } from "../../../shared/modules/kinds/nvmet-port.ts";
import { renderEndpoint, Transport } from "../../../shared/nvme/address.ts";
import type { ObservedPort, Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, type Memory, type Plan, type Wanted } from "../kind.ts";
import { notOurs } from "../not-ours.ts";
import { linkPath, owned, subsystemPath } from "../paths.ts";
import { sessionGuards } from "../sessions.ts";

/**
 * All port links of the node, planned in one place: down, they come first; up, they come last and back to back, because a
 * host that reconnects to a port where its subsystem is not linked yet gives up for good (nvmet-abi 3, do-not-retry).
 */
export function planLinks(wanted: Wanted, seen: Seen<"nvmet" | "addresses" | "listeners">, memory: Memory): Plan {
  const plan = emptyPlan();
  for (const goal of wanted.goals("nvmet_subsystem")) {
    if (goal.state === "present") {
      for (const id of goal.resource.ports ?? []) link(plan, goal, id, wanted, seen);
    }
    unlink(plan, goal, seen, memory);
  }
  for (const { key, state, resource } of wanted.goals("nvmet_port")) {
    if (state === "present") relink(plan, key, resource, wanted, seen);
  }
  return plan;
}

function link(
  plan: Plan,
  { key, resource }: Pick<Goal<"nvmet_subsystem">, "key" | "resource">,
  id: number,
  wanted: Wanted,
  seen: Seen<"nvmet" | "addresses" | "listeners">,
): void {
  const port = seen.nvmet.ports.find((each) => each.id === id);
  if (port?.links.some(({ nqn }) => nqn === resource.nqn)) return;
  const declared = wanted.spec("nvmet_port").find((each) => each.id === id);
  if (port === undefined && declared === undefined) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "not_found",
        message: `cannot link ${resource.nqn} into port ${id}: this node has no port ${id}`,
        hint: `ports here: ${seen.nvmet.ports.map((each) => each.id).join(", ") || "none"}; create it with nvmet_port first`,
      },
    });
    return;
  }
  const at = listensAt(port, declared);
  if (at !== undefined && (port?.links.length ?? 0) === 0 && !canListen(plan, key, id, at, seen)) return;
  plan.steps.push({
    resource: key,
    phase: "link",
    says: `link ${resource.nqn} into port ${id}${at === undefined ? "" : ` (${renderEndpoint(at)})`}`,
    cost: "none",
    creates: [owned.link(id, resource.nqn)],
    ops: [{ op: "symlink", path: linkPath(port?.directory ?? id, resource.nqn), to: subsystemPath(resource.nqn) }],
  });
}

/** What the spec exports through this port, and an agent that was stopped half way has left unlinked. */
function relink(
  plan: Plan,
  key: string,
  { id }: NvmetPort,
  wanted: Wanted,
  seen: Seen<"nvmet" | "addresses" | "listeners">,
): void {
  if (id === undefined || !seen.nvmet.ports.some((port) => port.id === id)) return;
  const goals = wanted.goals("nvmet_subsystem").map(({ resource }) => resource.nqn);
  for (const resource of wanted.spec("nvmet_subsystem")) {
    const there = seen.nvmet.names.subsystems.includes(resource.nqn);
    if (there && !goals.includes(resource.nqn) && resource.ports?.includes(id)) {
      link(plan, { key, resource }, id, wanted, seen);
    }
  }
}

type Endpoint = ReturnType<typeof listensAt> & {};

function listensAt(port: ObservedPort | undefined, declared: NvmetPort | undefined) {
  const transport = Transport.safeParse(declared?.transport ?? port?.attributes.addr_trtype);
  const address = declared?.address ?? port?.attributes.addr_traddr;
  const serviceId = declared?.service_id ?? port?.attributes.addr_trsvcid ?? "";
  return transport.success && address !== undefined ? { transport: transport.data, address, serviceId } : undefined;
}

const anyAddress = new Set(["0.0.0.0", "::"]);

/** The first link binds the socket, so what bind would refuse is said before (nvmet-abi 3). */
function canListen(plan: Plan, key: string, id: number, at: Endpoint, seen: Seen<"addresses" | "listeners">): boolean {
  if (at.transport !== "tcp" && at.transport !== "rdma") return true;
  const local = seen.addresses.map(({ address }) => address);
  if (!anyAddress.has(at.address) && !local.includes(at.address)) {
    plan.waits.push({
      resource: key,
      says: `address ${at.address} of port ${id} to be on this node`,
      preflight: true,
      error: {
        code: "kernel_refused",
        message: `cannot listen on ${renderEndpoint(at)}: address ${at.address} is not on this node (EADDRNOTAVAIL)`,
        hint: `addresses here: ${local.join(", ") || "none"}`,
      },
    });
    return false;
  }
  const other =
    at.transport === "tcp" &&
    seen.listeners.find(
      ({ address, port }) =>
        String(port) === at.serviceId &&
        (address === at.address || anyAddress.has(address) || anyAddress.has(at.address)),
    );
  if (!other) return true;
  plan.refusals.push({
    resource: key,
    error: {
      code: "address_in_use",
      message: `cannot listen on ${renderEndpoint(at)}: something listens on ${other.address}:${other.port} (EADDRINUSE)`,
      hint: `ss -tlnp 'sport = :${other.port}' shows what; take another service_id, or stop it`,
    },
  });
  return false;
}

function unlink(
  plan: Plan,
  { key, state, resource }: Goal<"nvmet_subsystem">,
  seen: Seen<"nvmet">,
  memory: Memory,
): void {
  for (const port of seen.nvmet.ports) {
    const keep = state === "present" && (!resource.exclusive || resource.ports?.includes(port.id));
    const has = port.links.find(({ nqn }) => nqn === resource.nqn);
    if (keep || has === undefined) continue;
    if (!memory.owned.has(owned.link(port.id, resource.nqn))) {
      if (state === "absent") plan.refusals.push(notOurs(key, `the link of ${resource.nqn} into port ${port.id}`));
      continue;
    }
    plan.steps.push({
      resource: key,
      phase: "unlink",
      says: `unlink ${resource.nqn} from port ${port.id}`,
      cost: "path loss",
      removes: [owned.link(port.id, resource.nqn)],
      guards: sessionGuards([port]),
      ops: [{ op: "unlink", path: linkPath(port.directory, has.link) }],
    });
  }
}
