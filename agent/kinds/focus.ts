import type { Focus } from "../observe/focus.ts";
import type { Wanted } from "./kind.ts";

/** What each kind's planner looks at beyond names: its own goals, and of the rest only what stands in the way of a removal. */

const removes = (wanted: Wanted, ...kinds: readonly ("nvmet_host" | "nvmet_subsystem")[]) =>
  kinds.some((kind) => wanted.goals(kind).some(({ state }) => state === "absent"));

export function moduleFocus(wanted: Wanted): Partial<Focus> {
  const names = wanted.goals("kernel_module").flatMap(({ resource: { name } }) => name);
  return { modules: new Set(names.map((name) => name.replaceAll("-", "_"))) };
}

/** Whoever is connected keeps the node from another identity. */
export function identityFocus(wanted: Wanted): Partial<Focus> {
  return wanted.goals("nvme_host_identity").length > 0 ? { connections: "all" } : {};
}

/** A host that is removed must be in no list of a subsystem. */
export function hostFocus(wanted: Wanted): Partial<Focus> {
  return {
    hosts: new Set(wanted.goals("nvmet_host").map(({ resource }) => resource.nqn)),
    attributes: "settable",
    ...(removes(wanted, "nvmet_host") && { subsystems: "all" }),
  };
}

/** Ports are always read whole; of subsystems a port needs to know which there are. */
export function portFocus(): Partial<Focus> {
  return { attributes: "settable" };
}

/** With a subsystem go the hosts that were made for it: those that no other one lets in. */
export function subsystemFocus(wanted: Wanted): Partial<Focus> {
  const goals = wanted.goals("nvmet_subsystem");
  const devices = goals.flatMap(({ resource }) => resource.namespaces?.flatMap(({ device }) => device ?? []) ?? []);
  return {
    attributes: "settable",
    subsystems: removes(wanted, "nvmet_subsystem") ? "all" : new Set(goals.map(({ resource }) => resource.nqn)),
    links: new Set(devices),
  };
}

export function connectionFocus(wanted: Wanted): Partial<Focus> {
  const goals = wanted.goals("nvme_connection");
  return { attributes: "settable", connections: new Set(goals.map(({ resource }) => resource.nqn)) };
}
