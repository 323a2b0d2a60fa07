import { formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";
import type { AssumedListener, AssumedSubsystem } from "../../../../shared/protocol/listener.ts";
import type { NamespaceView } from "../fabric/messages.ts";
import type { Incoming } from "../network.ts";
import type { Controllers } from "../nvmet/controllers.ts";
import { Nvmet, type TargetMachine } from "../nvmet/core.ts";
import { serve } from "../nvmet/serve.ts";
import { AnaGroup, anaStates, Namespace, NvmetHost, Port, Subsystem } from "../nvmet/state.ts";
import { PageStore } from "../page-store.ts";
import { type Kernel, kernelLike } from "../versions.ts";

/** Gives the text of a key by the name under which it is assumed; undefined for one that this node does not have. */
export type KeyNamed = (name: string) => string | undefined;

/** A key that nobody has: whoever must prove it fails. */
const nobodysKey = formatDhchapKey(new Uint8Array(32));

/** A target of which only is known what a check would make of it: nvmet on no machine, that answers at one address. */
export class AssumedTarget {
  readonly #machine: TargetMachine;
  readonly #controllers: Controllers;
  readonly #port = new Port(1);
  #nvmet: Nvmet | undefined;

  /** `controllers` of the node, over all its addresses: no two of them have one id. */
  constructor(machine: TargetMachine, controllers: Controllers) {
    this.#machine = machine;
    this.#controllers = controllers;
  }

  /** False where the check would end it: connects are refused. */
  get listens(): boolean {
    return this.#port.enabled;
  }

  /** As the check goes on, a target changes: hosts that are connected are told. */
  update({ release, transport, address, port, subsystems }: AssumedListener, keyNamed: KeyNamed): void {
    const kernel = kernelLike(release, { does: {}, built: {} });
    this.#nvmet ??= new AssumedNvmet(this.#machine, kernel, this.#controllers);
    const nvmet = this.#nvmet;
    nvmet.ports.add(this.#port);
    Object.assign(this.#port.address, {
      trtype: transport,
      adrfam: address.includes(":") ? "ipv6" : "ipv4",
      traddr: address,
      trsvcid: String(port),
    });
    const named = new Set(subsystems.map(({ nqn }) => nqn));
    for (const gone of [...nvmet.subsystems.values()].filter(({ nqn }) => !named.has(nqn))) {
      this.#port.subsystems.delete(gone);
      nvmet.removeSubsystem(gone);
    }
    for (const assumed of subsystems) this.#updateSubsystem(nvmet, assumed, keyNamed);
    nvmet.discoveryChanged(() => true);
  }

  serve(incoming: Incoming): void {
    if (this.#nvmet === undefined) incoming.stream.destroy();
    else serve(this.#nvmet, this.#port, incoming);
  }

  /** What hosts of a subsystem see of its namespaces; undefined where the target does not have it. */
  viewsOf(nqn: string): NamespaceView[] | undefined {
    const subsystem = this.#nvmet?.subsystems.get(nqn);
    if (subsystem === undefined) return undefined;
    return [...subsystem.namespaces].map(({ nsid, uuid, nguid, anaGroup, backing }) => ({
      nsid,
      uuid,
      nguid,
      size: backing?.size ?? 0,
      anaGroup,
      anaState: this.#port.anaGroups.get(anaGroup)?.state ?? "inaccessible",
    }));
  }

  #updateSubsystem(nvmet: Nvmet, assumed: AssumedSubsystem, keyNamed: KeyNamed): void {
    const known = nvmet.subsystems.get(assumed.nqn);
    const subsystem = known ?? new Subsystem(assumed.nqn, nvmet.kernel, assumed.serial);
    nvmet.subsystems.set(assumed.nqn, subsystem);
    this.#port.subsystems.add(subsystem);
    subsystem.serial = assumed.serial;
    subsystem.model = assumed.model;
    subsystem.allowAnyHost = assumed.allowAnyHost;
    subsystem.cntlidMin = assumed.cntlids.least;
    subsystem.cntlidMax = assumed.cntlids.most;
    subsystem.allowed.clear();
    const key = (name: string | undefined) => (name === undefined ? "" : (keyNamed(name) ?? nobodysKey));
    for (const { nqn, key: asked, ctrlKey } of assumed.allowedHosts) {
      const host = new NvmetHost(nqn);
      host.key = key(asked);
      host.ctrlKey = key(ctrlKey);
      subsystem.allowed.add(host);
    }
    subsystem.namespaces.clear();
    for (const { nsid, uuid, nguid, size, anaGroup, anaState } of assumed.namespaces) {
      const namespace = new Namespace(subsystem, nsid, uuid);
      namespace.nguid = nguid;
      namespace.anaGroup = anaGroup;
      namespace.backing = { io: new PageStore(), size };
      subsystem.namespaces.add(namespace);
      const group = this.#port.anaGroups.get(anaGroup) ?? new AnaGroup(this.#port, anaGroup);
      group.state = anaStates.find((state) => state === anaState) ?? group.state;
      this.#port.anaGroups.set(anaGroup, group);
    }
    nvmet.controllers.tell(subsystem);
  }
}

/** nvmet of a target of another kernel: of this machine it uses only time and chance. */
class AssumedNvmet extends Nvmet {
  override readonly controllers: Controllers;
  readonly #kernel: Kernel;

  constructor(machine: TargetMachine, kernel: Kernel, controllers: Controllers) {
    super(machine, serve);
    this.#kernel = kernel;
    this.controllers = controllers;
  }

  override get kernel(): Kernel {
    return this.#kernel;
  }
}
