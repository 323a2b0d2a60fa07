import type { Backing, PageIo } from "../backing.ts";
import type { Listening } from "../network.ts";
import type { Kernel } from "../versions.ts";

/*
 * What nvmet keeps: the state behind the directories of configfs. Only data and what follows from it;
 * core.ts says what a change does.
 */

export class NvmetHost {
  readonly nqn: string;
  key = "";
  ctrlKey = "";
  hash = "hmac(sha256)";
  dhgroup = "null";

  constructor(nqn: string) {
    this.nqn = nqn;
  }
}

export class Subsystem {
  /** As the directory is called; hosts know it by its first 223 bytes. */
  readonly nqn: string;
  allowAnyHost = false;
  serial: string;
  model = "Linux";
  version: string;
  firmware: string;
  oui = 0;
  cntlidMin = 1;
  cntlidMax = 65519;
  pi = false;
  qidMax = 128;
  vendorId = 0;
  subsysVendorId = 0;
  /** A host has identified a controller: what it was told can no longer change. */
  identified = false;
  readonly allowed = new Set<NvmetHost>();
  readonly namespaces = new Set<Namespace>();
  readonly passthru: Passthru = { path: undefined, enabled: false, adminTimeout: 0, ioTimeout: 0, clearIds: 0 };

  constructor(nqn: string, kernel: Kernel, serial: string) {
    this.nqn = nqn;
    this.serial = serial;
    this.version = kernel.does.version21 ? "2.1" : "1.3";
    this.firmware = kernel.release.slice(0, 8);
  }
}

export interface Passthru {
  path: string | undefined;
  enabled: boolean;
  adminTimeout: number;
  ioTimeout: number;
  clearIds: number;
}

export class Namespace {
  readonly subsystem: Subsystem;
  readonly nsid: number;
  path: string | undefined;
  uuid: string;
  nguid = "00000000-0000-0000-0000-000000000000";
  anaGroup = 1;
  buffered = false;
  p2pmem = "0";
  reservations = false;
  /**
   * While it is enabled: what it reads and writes, and its size in bytes as hosts were told; and where it was enabled here,
   * what was opened.
   */
  backing: { io: PageIo; size: number; opened?: Backing } | undefined;

  constructor(subsystem: Subsystem, nsid: number, uuid: string) {
    this.subsystem = subsystem;
    this.nsid = nsid;
    this.uuid = uuid;
  }
}

/** addr_*, which ports and referrals share. */
export class Address {
  trtype = "";
  adrfam = "";
  traddr = "";
  trsvcid = "";
  treq: "not specified" | "required" | "not required" = "not specified";
  tsas = "";
}

export class Port {
  readonly portId: number;
  readonly address = new Address();
  inlineDataSize = -1;
  maxQueueSize = -1;
  pi = false;
  mdts = -1;
  readonly subsystems = new Set<Subsystem>();
  readonly anaGroups = new Map<number, AnaGroup>();
  readonly referrals = new Set<Referral>();
  /** Set while a subsystem is linked. */
  listening: Listening | undefined;

  constructor(portId: number) {
    this.portId = portId;
  }

  get enabled(): boolean {
    return this.subsystems.size > 0;
  }
}

export const anaStates = ["optimized", "non-optimized", "inaccessible", "persistent-loss", "change"] as const;
export type AnaState = (typeof anaStates)[number];

export class AnaGroup {
  readonly port: Port;
  readonly id: number;
  state: AnaState;

  constructor(port: Port, id: number) {
    this.port = port;
    this.id = id;
    this.state = id === 1 ? "optimized" : "inaccessible";
  }
}

export class Referral {
  readonly port: Port;
  readonly address = new Address();
  portId = 0;
  enabled = false;

  constructor(port: Port, { does }: Kernel) {
    this.port = port;
    // Zero, as everything of a new referral: the family of PCI, where the kernel has a name for it.
    if (does.trtypePci) this.address.adrfam = "pci";
  }
}

/** A namespace's state on a port: a group that the port lacks is out of reach there. */
export function anaStateOn(port: Port, namespace: Namespace): AnaState {
  return port.anaGroups.get(namespace.anaGroup)?.state ?? "inaccessible";
}
