import type { NamespaceView } from "../fabric/messages.ts";
import type { HostController } from "./controller.ts";

/** A namespace as one controller shows it: a hidden disk nvme<S>c<C>n<H>. */
export interface Path {
  controller: HostController;
  view: NamespaceView;
}

/** The disk that people use, over all its paths: nvme<S>n<H>. */
export interface Head {
  /** H: a counter of the subsystem, not the nsid. */
  instance: number;
  nsid: number;
  uuid: string;
  nguid: string;
  /** Bytes. */
  size: number;
  paths: Map<HostController, Path>;
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
  ioPolicy = "numa";

  constructor(
    instance: number,
    is: { nqn: string; serial: string; model: string; firmware: string; kind: "nvm" | "discovery" },
  ) {
    this.instance = instance;
    this.nqn = is.nqn;
    this.serial = is.serial;
    this.model = is.model;
    this.firmware = is.firmware;
    this.kind = is.kind;
  }

  nameOf(head: Head): string {
    return `nvme${this.instance}n${head.instance}`;
  }

  /** The hidden disk of a path. */
  pathName(head: Head, { instance }: HostController): string {
    return `nvme${this.instance}c${instance}n${head.instance}`;
  }
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
