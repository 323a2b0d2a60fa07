import type { NamespaceView } from "../fabric/messages.ts";
import type { HostController } from "./controller.ts";
import type { Initiator } from "./initiator.ts";
import { type Head, type HostSubsystem, sameIds, shareAnId } from "./subsystem.ts";

/**
 * Brings the disks of a controller to what it lists (nvme_scan_work): gone and changed ones go, known ones follow, new
 * ones come unless their ids are taken.
 */
export function scan(initiator: Initiator, controller: HostController, views: readonly NamespaceView[]): void {
  const { subsystem } = controller;
  if (subsystem === undefined) return;
  const handled = new Set<number>();
  for (const head of [...subsystem.heads]) {
    const path = head.paths.get(controller);
    if (path === undefined) continue;
    const view = views.find(({ nsid }) => nsid === head.nsid);
    if (view === undefined || !sameIds(head, view)) {
      // "identifiers changed for nsid": the disk goes, and stays away until another scan finds it.
      if (view !== undefined) handled.add(view.nsid);
      dropPath(initiator, subsystem, head, controller);
      continue;
    }
    handled.add(view.nsid);
    path.view = view;
    resize(initiator, subsystem, head, view.size);
  }
  for (const view of views) {
    if (!handled.has(view.nsid)) addPath(initiator, subsystem, controller, view);
  }
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
  const known = [...subsystem.heads].find(({ nsid }) => nsid === view.nsid);
  if (known !== undefined) {
    // "IDs don't match for shared namespace"
    if (sameIds(known, view)) known.paths.set(controller, { controller, view });
    return;
  }
  if ([...subsystem.heads].some((head) => shareAnId(head, view))) return;
  if (initiator.kernel.does.duplicateIdsIgnored && initiator.isKnownElsewhere(subsystem, view)) return;
  const { nsid, uuid, nguid, size } = view;
  const head: Head = { instance: 0, nsid, uuid, nguid, size, paths: new Map([[controller, { controller, view }]]) };
  head.instance = freeHead(initiator, subsystem);
  subsystem.heads.add(head);
  initiator.emit("block", "add", subsystem.nameOf(head));
}

/** The lowest free one; a disk that is gone keeps its name while somebody has it open. */
function freeHead(initiator: Initiator, subsystem: HostSubsystem): number {
  const taken = new Set([...subsystem.heads].map(({ instance }) => instance));
  let instance = 1;
  while (taken.has(instance) || initiator.machine.uses.isHeld(`nvme${subsystem.instance}n${instance}`)) instance++;
  return instance;
}

function dropPath(initiator: Initiator, subsystem: HostSubsystem, head: Head, controller: HostController): void {
  head.paths.delete(controller);
  if (head.paths.size > 0) return;
  subsystem.heads.delete(head);
  initiator.emit("block", "remove", subsystem.nameOf(head));
}

function resize(initiator: Initiator, subsystem: HostSubsystem, head: Head, size: number): void {
  if (head.size === size) return;
  head.size = size;
  if (initiator.kernel.does.resizeEvents) initiator.emit("block", "change", subsystem.nameOf(head));
}
