import type { NamespaceView } from "../fabric/messages.ts";
import type { HostController } from "./controller.ts";
import type { Initiator } from "./initiator.ts";
import { type Head, type HostSubsystem, type Path, sameIds, shareAnId, wake } from "./subsystem.ts";
import { tellDisk, tellHiddenGone } from "./uevents.ts";

const sector = 512;

/**
 * Brings the disks of a controller to what it lists (nvme_scan_work): gone and changed ones go, known ones follow, new
 * ones come unless their ids are taken.
 */
export function scan(initiator: Initiator, controller: HostController, listed: readonly NamespaceView[]): void {
  const { subsystem } = controller;
  if (subsystem === undefined) return;
  // One without a block counts as one that is not there (nvme_ns_info_from_identify).
  const views = listed.filter(({ size }) => size > 0);
  const handled = new Set<number>();
  const missing: Path[] = [];
  for (const head of [...subsystem.heads]) {
    const path = head.paths.get(controller);
    if (path === undefined) continue;
    const view = views.find(({ nsid }) => nsid === head.nsid);
    path.isMissing = view === undefined;
    if (view === undefined) {
      missing.push(path);
      continue;
    }
    handled.add(view.nsid);
    if (!sameIds(head, view)) {
      // The disk goes, and stays away until another scan finds it.
      controller.say(`identifiers changed for nsid ${view.nsid}`);
      dropPath(initiator, subsystem, head, controller);
      continue;
    }
    path.view = view;
    reach(initiator, subsystem, head, controller);
    resize(initiator, subsystem, head, controller, view.size);
  }
  for (const view of views) {
    if (!handled.has(view.nsid)) addPath(initiator, subsystem, controller, view);
  }
  removeMissing(initiator, subsystem, missing);
}

/** nvme_remove_invalid_namespaces: last, and not before all readers of the paths are through (synchronize_srcu). */
function removeMissing(initiator: Initiator, subsystem: HostSubsystem, missing: readonly Path[]): void {
  const remove = () => {
    for (const head of [...subsystem.heads]) {
      for (const path of missing) {
        const { controller, isMissing } = path;
        if (isMissing && head.paths.get(controller) === path) dropPath(initiator, subsystem, head, controller);
      }
    }
  };
  const { clock, pace } = initiator.machine;
  if (pace.scan === 0 || missing.length === 0) remove();
  else void clock.sleep(pace.scan).then(remove);
}

/** When a controller goes. */
export function dropPaths(initiator: Initiator, controller: HostController): void {
  const { subsystem } = controller;
  if (subsystem === undefined) return;
  for (const head of [...subsystem.heads]) {
    if (head.paths.has(controller)) dropPath(initiator, subsystem, head, controller);
  }
}

function addPath(
  initiator: Initiator,
  subsystem: HostSubsystem,
  controller: HostController,
  view: NamespaceView,
): void {
  const known = headsInUse(subsystem).find(({ nsid }) => nsid === view.nsid);
  if (known !== undefined) {
    if (!sameIds(known, view)) {
      controller.say(`IDs don't match for shared namespace ${view.nsid}`);
      return;
    }
    known.paths.set(controller, { controller, view });
    if (subsystem.multipath) {
      logCapacity(initiator, subsystem, known, view.size);
      reach(initiator, subsystem, known, controller);
    } else tellDisk(initiator, { subsystem, head: known, controller }, "add");
    return;
  }
  if (isRefused(initiator, subsystem, controller, view)) return;
  const { nsid, uuid, nguid, size } = view;
  const paths = new Map([[controller, { controller, view }]]);
  const instance = freeHead(initiator, subsystem, controller);
  const head: Head = { instance, nsid, uuid, nguid, size, paths, waiting: new Set(), isUnreached: true };
  subsystem.heads.add(head);
  logCapacity(initiator, subsystem, head, 0);
  reach(initiator, subsystem, head, controller);
}

/** Its disk comes with the first path that is usable (nvme_mpath_set_live), and stays when none is any more. */
function reach(initiator: Initiator, subsystem: HostSubsystem, head: Head, controller: HostController): void {
  if (head.isUnreached !== true) return;
  const state = head.paths.get(controller)?.view.anaState;
  if (subsystem.multipath && state !== "optimized" && state !== "non-optimized") return;
  head.isUnreached = false;
  tellDisk(initiator, { subsystem, head, controller }, "add");
}

/** Whether its identity is taken (nvme_init_ns_head). */
function isRefused(
  initiator: Initiator,
  subsystem: HostSubsystem,
  controller: HostController,
  view: NamespaceView,
): boolean {
  const { does } = initiator.kernel;
  if (does.duplicateIdsIgnored && initiator.isKnownElsewhere(subsystem, view)) {
    const { model, firmware } = subsystem;
    controller.say(`VID:0000 model:${model.slice(0, 40)} firmware:${firmware.slice(0, 8)}`);
    controller.say(`ignoring nsid ${view.nsid} because of duplicate IDs`);
    return true;
  }
  if (!headsInUse(subsystem).some((head) => shareAnId(head, view))) return false;
  controller.say(`duplicate IDs ${does.duplicatesOfSubsystemLogged ? "in subsystem " : ""}for nsid ${view.nsid}`);
  return true;
}

/** The lowest free one; a disk that is gone keeps its name while somebody has it open. */
function freeHead(initiator: Initiator, subsystem: HostSubsystem, controller: HostController): number {
  const taken = new Set([...subsystem.heads].map(({ instance }) => instance));
  const owner = subsystem.multipath ? subsystem : controller;
  let instance = 1;
  while (taken.has(instance) || initiator.machine.uses.isHeld(`nvme${owner.instance}n${instance}`)) instance++;
  return instance;
}

function dropPath(initiator: Initiator, subsystem: HostSubsystem, head: Head, controller: HostController): void {
  head.paths.delete(controller);
  wake(head);
  tellHiddenGone(initiator, subsystem, head, controller);
  if (head.paths.size > 0) {
    if (!subsystem.multipath) tellDisk(initiator, { subsystem, head, controller }, "remove");
  } else if (isKept(initiator, subsystem, head)) head.keptFor = controller;
  else dropHead(initiator, subsystem, head, controller);
}

/** Old kernels free a disk when the last of its paths and openers is gone (nvme_free_ns_head). */
function isKept({ kernel, machine }: Initiator, subsystem: HostSubsystem, head: Head): boolean {
  return subsystem.multipath && !kernel.does.goneDisksEmpty && machine.uses.isHeld(subsystem.nameOf(head));
}

/** A disk goes, whose last path `controller` has. */
export function dropHead(initiator: Initiator, subsystem: HostSubsystem, head: Head, controller: HostController): void {
  subsystem.heads.delete(head);
  wake(head);
  if (head.isUnreached !== true) tellDisk(initiator, { subsystem, head, controller }, "remove");
}

function headsInUse({ heads }: HostSubsystem): Head[] {
  return [...heads].filter(({ paths }) => paths.size > 0);
}

function resize(
  initiator: Initiator,
  subsystem: HostSubsystem,
  head: Head,
  controller: HostController,
  size: number,
): void {
  const before = head.size;
  head.size = size;
  logCapacity(initiator, subsystem, head, before);
  if (before === size || head.isUnreached === true || !initiator.kernel.does.resizeEvents) return;
  const controllers = subsystem.multipath ? [controller] : [...head.paths.keys()];
  for (const each of controllers) tellDisk(initiator, { subsystem, head, controller: each }, "change");
}

/** What the block layer logs: of a new disk, of each one that is looked at, or of those that changed. */
function logCapacity(initiator: Initiator, subsystem: HostSubsystem, head: Head, before: number): void {
  const { machine, kernel } = initiator;
  const { capacityUnlogged, capacityLoggedAlways, capacityLoggedOnChange } = kernel.does;
  const log = (from: number, to: number) =>
    machine.log.write(`${subsystem.nameOf(head)}: detected capacity change from ${from} to ${to}`);
  if (capacityLoggedOnChange) {
    if (before !== 0 && before !== head.size) log(before / sector, head.size / sector);
  } else if (capacityLoggedAlways || (!capacityUnlogged && before === 0)) log(0, head.size);
}

/** Whether two lists differ in their ANA states at most. */
export function sameNamespaces(one: readonly NamespaceView[], other: readonly NamespaceView[]): boolean {
  const identities = (views: readonly NamespaceView[]) =>
    JSON.stringify(views.map(({ nsid, uuid, nguid, size }) => [nsid, uuid, nguid, size]));
  return identities(one) === identities(other);
}
