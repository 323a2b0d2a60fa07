import type { NamespaceView } from "../fabric/messages.ts";
import type { HostController } from "./controller.ts";

/** A namespace as one controller shows it: a hidden disk nvme<S>c<C>n<H>. */
export interface Path {
  controller: HostController;
  view: NamespaceView;
  /** The controller did not list it when it was last asked. */
  isMissing?: boolean;
}

/** A namespace, over all its paths: the disk nvme<S>n<H>. Without multipath each path is a disk, nvme<C>n<H>. */
export interface Head {
  /** H: a counter of the subsystem, not the nsid. */
  instance: number;
  nsid: number;
  uuid: string;
  nguid: string;
  /** Bytes. */
  size: number;
  paths: Map<HostController, Path>;
  /** Errors of commands that people send themselves go to the kernel's log. */
  logsErrors?: boolean;
  /** It has no path any more, and is there for who has it open: whose path was the last one. Kernels before 5.15. */
  keptFor?: HostController;
  /** None of its paths was usable so far: it has no disk yet (NVME_NSHEAD_DISK_LIVE, which multipath alone knows). */
  isUnreached?: boolean;
  /** I/O that waits for a path: called when there may be one, or none any more. */
  waiting: Set<() => void>;
}

/** A disk as people see it, and the ways to it. */
export interface Disk {
  name: string;
  head: Head;
  paths: readonly Path[];
}

/** A subsystem as the initiator knows it: controllers of one NQN, and the disks behind them. */
export class HostSubsystem {
  /** S. */
  readonly instance: number;
  readonly nqn: string;
  /** What the first controller said; later ones change nothing (a recreated subsystem keeps showing its old serial). */
  readonly serial: string;
  readonly model: string;
  readonly firmware: string;
  readonly kind: "nvm" | "discovery";
  readonly controllers = new Set<HostController>();
  readonly heads = new Set<Head>();
  /** nvme_core.multipath, as it was when the subsystem was found. */
  readonly multipath: boolean;
  /** The hidden disk of a path is named by its controller's id at the target, not by its instance: kernel 5.0. */
  readonly #namesByCntlid: boolean;
  ioPolicy = "numa";

  constructor(
    instance: number,
    is: { nqn: string; serial: string; model: string; firmware: string; kind: "nvm" | "discovery" },
    how: { multipath: boolean; namesByCntlid: boolean },
  ) {
    this.instance = instance;
    this.nqn = is.nqn;
    this.serial = is.serial;
    this.model = is.model;
    this.firmware = is.firmware;
    this.kind = is.kind;
    this.multipath = how.multipath;
    this.#namesByCntlid = how.namesByCntlid;
  }

  /** Those that have a disk. */
  get reached(): Head[] {
    return [...this.heads].filter(({ isUnreached }) => isUnreached !== true);
  }

  /** What has a node in /dev. */
  get disks(): Disk[] {
    return this.reached.flatMap((head) => {
      const paths = [...head.paths.values()];
      if (this.multipath) return [{ name: this.nameOf(head), head, paths }];
      return paths.map((path) => ({ name: this.pathName(head, path.controller), head, paths: [path] }));
    });
  }

  /** Waiting I/O looks again. */
  kick(): void {
    for (const head of this.heads) wake(head);
  }

  nameOf(head: Head): string {
    return `nvme${this.instance}n${head.instance}`;
  }

  /** The hidden disk of a path; without multipath the disk itself. */
  pathName(head: Head, { instance, info }: HostController): string {
    if (!this.multipath) return `nvme${instance}n${head.instance}`;
    return `nvme${this.instance}c${this.#namesByCntlid ? (info?.cntlid ?? 0) : instance}n${head.instance}`;
  }
}

export function wake({ waiting }: Head): void {
  for (const look of [...waiting]) look();
}

export const noId = "00000000-0000-0000-0000-000000000000";

/** What an identity is worth: all zeros say nothing. */
function idsOf({ uuid, nguid }: { uuid: string; nguid: string }): string[] {
  return [uuid === noId ? "" : `uuid.${uuid}`, nguid === noId ? "" : `eui.${nguid}`].filter(Boolean);
}

/** Whether two namespaces claim one identity, which makes the host ignore the second. */
export function shareAnId(one: { uuid: string; nguid: string }, other: { uuid: string; nguid: string }): boolean {
  const ids = idsOf(other);
  return idsOf(one).some((id) => ids.includes(id));
}

export function sameIds(one: { uuid: string; nguid: string }, other: { uuid: string; nguid: string }): boolean {
  return one.uuid === other.uuid && one.nguid === other.nguid;
}
