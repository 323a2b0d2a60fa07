import type { Namespace } from "../../../shared/modules/kinds/nvmet-subsystem.ts";
import type { Guard, Step } from "../../engine/step.ts";
import type { ObservedNamespace, ObservedSubsystem, Seen } from "../../observe/observed.ts";
import { differences, lacking, lackingError, saySet, type WantedAttributes, writeOps } from "../attributes.ts";
import { derivedUuid } from "../derived.ts";
import { emptyPlan, type Goal, type Memory, type Pin, type Plan } from "../kind.ts";
import { notOurs } from "../not-ours.ts";
import { namespacePath, owned } from "../paths.ts";
import { portsOf, sessionGuards } from "../sessions.ts";
import { type Backing, resolveBacking } from "./backing.ts";

/** Namespaces: identity before enable, so that an initiator never meets one that the kernel drew (nvmet-abi 2.4). */
export function planNamespaces(
  goal: Goal<"nvmet_subsystem">,
  has: ObservedSubsystem | undefined,
  seen: Seen<"drives" | "sizes" | "nvmet">,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
  const { resource } = goal;
  const guards = sessionGuards(portsOf(resource.nqn, seen.nvmet));
  for (const namespace of resource.namespaces ?? []) {
    const there = has?.namespaces.find(({ nsid }) => nsid === namespace.nsid);
    if (namespace.state === "absent") {
      if (there !== undefined) removeNamespace(plan, goal.key, resource.nqn, there, memory, guards);
    } else present(plan, goal, namespace, there, seen, memory, guards);
  }
  if (resource.exclusive) {
    const named = new Set(resource.namespaces?.map(({ nsid }) => nsid));
    for (const there of has?.namespaces ?? []) {
      if (named.has(there.nsid) || !memory.owned.has(owned.namespace(resource.nqn, there.nsid))) continue;
      removeNamespace(plan, goal.key, resource.nqn, there, memory, guards);
    }
  }
  forgetPins(plan, goal, memory);
  return plan;
}

const pinsOf = (key: string) => `${key} namespace `;
const pinKey = (key: string, nsid: number) => `${pinsOf(key)}${nsid}`;

/** What is declared anew later may be another device. Not before the goal is reached: what is undone comes back as it was. */
function forgetPins(plan: Plan, { key, resource }: Goal<"nvmet_subsystem">, { pins }: Memory): void {
  const { namespaces = [], exclusive } = resource;
  for (const { nsid, state } of namespaces) {
    if (state === "absent" && pins[pinKey(key, nsid)] !== undefined) plan.pins[pinKey(key, nsid)] = {};
  }
  if (!exclusive) return;
  const named = new Set(namespaces.map(({ nsid }) => pinKey(key, nsid)));
  for (const pin of Object.keys(pins)) if (pin.startsWith(pinsOf(key)) && !named.has(pin)) plan.pins[pin] = {};
}

function present(
  plan: Plan,
  { key, resource: { nqn } }: Goal<"nvmet_subsystem">,
  wanted: Namespace,
  there: ObservedNamespace | undefined,
  seen: Seen<"drives" | "sizes">,
  memory: Memory,
  guards: Guard[],
): void {
  const pin = memory.pins[pinKey(key, wanted.nsid)];
  const path = namespacePath(nqn, there?.directory ?? wanted.nsid);
  const name = `namespace ${wanted.nsid} of ${nqn}`;
  const step = (phase: Step["phase"], says: string) => ({ resource: key, phase, says, cost: "none" }) as const;
  const device = wanted.device ?? there?.attributes.device_path;
  if (!device) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "bad_argument",
        message: `cannot create ${name}: it has no device`,
        hint: "give it a device, best by /dev/disk/by-id",
      },
    });
    return;
  }
  const enabled = there?.attributes.enable === "1";
  const backing = resolveBacking(device, pin, seen);
  // What is exported already stays what it is: its identity was settled when it was enabled.
  if ((backing.is === "shrunk" && wanted.enabled !== false) || (backing.is === "changed" && !enabled)) {
    plan.refusals.push({ resource: key, error: backing.error });
    return;
  }
  // Of one that we made and never enabled, the uuid is still the kernel's: the agent was stopped in between.
  const drawn = there === undefined || (!enabled && memory.owned.has(owned.namespace(nqn, wanted.nsid)));
  const attributes: WantedAttributes = {
    device_path: devicePath(backing, device, there, seen),
    device_uuid: wanted.uuid ?? pin?.uuid ?? (drawn ? derivedUuid(memory.node, nqn, wanted.nsid) : undefined),
    device_nguid: wanted.nguid ?? pin?.nguid,
    ana_grpid: wanted.ana_group?.toString(),
    buffered_io: wanted.buffered_io === undefined ? undefined : wanted.buffered_io ? "1" : "0",
  };
  const lacks = there === undefined ? [] : lacking(attributes, there.attributes);
  if (lacks.length > 0) {
    plan.refusals.push({ resource: key, error: lackingError(lacks, name) });
    return;
  }
  const changes = differences(attributes, there?.attributes);
  const live = changes.filter((change) => change.name === "ana_grpid");
  const frozen = changes.filter((change) => change.name !== "ana_grpid");
  if (enabled && frozen.length > 0) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "plan_refused",
        message: `cannot set ${saySet(frozen)} of ${name}: it is enabled, and its initiators would lose the disk`,
        hint: "disconnect its initiators, then remove the namespace (state: absent) and declare it anew",
      },
    });
    return;
  }
  if (there === undefined) {
    plan.steps.push({
      ...step("create namespace", `create ${name}`),
      creates: [owned.namespace(nqn, wanted.nsid)],
      ops: [{ op: "mkdir", path }],
    });
  }
  // Late devices are waited for, but the rest of the export can be made meanwhile; enabling is what needs the device.
  if (backing.is === "missing" && !enabled) {
    plan.waits.push({ resource: key, says: backing.says, preflight: true, error: backing.error });
    return;
  }
  for (const group of [frozen, live]) {
    if (group.length > 0)
      plan.steps.push({ ...step("create namespace", `set ${saySet(group)} of ${name}`), ops: writeOps(path, group) });
  }
  const next = newPin(device, backing, attributes, there, pin);
  plan.pins[pinKey(key, wanted.nsid)] = next;
  if (wanted.enabled === false) {
    if (enabled) plan.steps.push(disableStep(key, nqn, there, guards));
    return;
  }
  // Only the pin says what size initiators were told: nvmet shows none. So it follows with the step that tells them.
  const grown = grownPin(backing, next);
  const pins = grown === undefined ? {} : { pins: { [pinKey(key, wanted.nsid)]: grown } };
  if (enabled) {
    if (grown === undefined || there.revalidates !== true) return;
    plan.steps.push({
      ...step("enable namespace", `tell hosts of ${name} that it has grown to ${grown.size} bytes (was ${next.size})`),
      ops: [{ op: "write", path: `${path}/revalidate_size`, value: "1" }],
      ...pins,
    });
    return;
  }
  plan.steps.push({
    ...step("enable namespace", `enable ${name} on ${attributes.device_path ?? device}`),
    ...pins,
    guards: [free(backing, attributes.device_path ?? device, { nqn, nsid: wanted.nsid })],
    ops: [{ op: "write", path: `${path}/enable`, value: "1" }],
  });
}

/** The same drive under another name is the same device: an enabled namespace is not touched for a spelling. */
function devicePath(
  backing: Backing,
  device: string,
  there: ObservedNamespace | undefined,
  seen: Seen<"drives">,
): string {
  const target = backing.is === "found" ? backing.path : device;
  const now = there?.attributes.device_path;
  if (!now) return target;
  const drive = seen.drives.find(({ path, byId }) => path === target || byId.includes(target));
  return drive !== undefined && (drive.path === now || drive.byId.includes(now)) ? now : target;
}

function free(backing: Backing, device: string, except: { nqn: string; nsid: number }): Guard {
  const drive = backing.is === "found" ? backing.drive : undefined;
  if (drive === undefined) return { guard: "free", device, except };
  return { guard: "free", device, except, identity: { wwid: drive.wwid, serial: drive.serial, size: drive.size } };
}

function newPin(
  device: string,
  backing: Backing,
  attributes: WantedAttributes,
  there: ObservedNamespace | undefined,
  before: Pin | undefined,
): Pin {
  const { drive, size } = backing.is === "found" ? backing : {};
  const identity =
    before?.device === device && before.wwid !== undefined
      ? { wwid: before.wwid, serial: before.serial }
      : drive === undefined
        ? {}
        : { wwid: drive.wwid, serial: drive.serial };
  const bytes = (before?.device === device ? before.size : undefined) ?? size;
  return {
    device,
    ...identity,
    ...(bytes === undefined ? {} : { size: bytes }),
    uuid: attributes.device_uuid ?? there?.attributes.device_uuid,
    nguid: attributes.device_nguid ?? there?.attributes.device_nguid,
  };
}

/** The pin with the device's size, where that has grown; the same one may only grow. */
function grownPin(backing: Backing, pin: Pin): Pin | undefined {
  if (backing.is !== "found" || backing.size === undefined || pin.size === undefined) return undefined;
  return backing.size > pin.size ? { ...pin, size: backing.size } : undefined;
}

function disableStep(key: string, nqn: string, { nsid, directory }: ObservedNamespace, guards: readonly Guard[]): Step {
  return {
    resource: key,
    phase: "disable namespace",
    says: `disable namespace ${nsid} of ${nqn}`,
    cost: "data risk",
    guards,
    ops: [{ op: "write", path: `${namespacePath(nqn, directory)}/enable`, value: "0" }],
  };
}

export function removeNamespace(
  plan: Plan,
  key: string,
  nqn: string,
  there: ObservedNamespace,
  memory: Memory,
  guards: readonly Guard[],
): void {
  if (!memory.owned.has(owned.namespace(nqn, there.nsid))) {
    plan.refusals.push(notOurs(key, `namespace ${there.nsid} of ${nqn}`));
    return;
  }
  if (there.attributes.enable === "1") plan.steps.push(disableStep(key, nqn, there, guards));
  plan.steps.push({
    resource: key,
    phase: "remove namespace",
    says: `remove namespace ${there.nsid} of ${nqn}`,
    cost: "none",
    removes: [owned.namespace(nqn, there.nsid)],
    ops: [{ op: "rmdir", path: namespacePath(nqn, there.directory) }],
  });
}
