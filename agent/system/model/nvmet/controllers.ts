import type { Port, Subsystem } from "./state.ts";

/** A controller that the target made for a host. */
export interface TargetController {
  cntlid: number;
  /** undefined: the discovery subsystem. */
  subsystem: Subsystem | undefined;
  port: Port;
  hostnqn: string;
  /** Ends its connection. */
  shut(): void;
  /** Something about its namespaces changed. */
  namespacesChanged(): void;
  /** The discovery log changed; for discovery controllers. */
  discoveryChanged(): void;
}

/** All controllers of a target. Their ids come from one pool over all subsystems (nvmet's cntlid_ida). */
export class Controllers {
  readonly #controllers = new Map<number, TargetController>();
  readonly #taken: ReadonlySet<number>;

  /** `taken` are ids that are given out already, to whomever. */
  constructor(taken: ReadonlySet<number> = new Set()) {
    this.#taken = taken;
  }

  /** undefined where no id between `least` and `most` is free. */
  add(
    range: { least: number; most: number },
    make: (cntlid: number) => TargetController,
  ): TargetController | undefined {
    for (let cntlid = range.least; cntlid <= range.most; cntlid++) {
      if (this.#controllers.has(cntlid) || this.#taken.has(cntlid)) continue;
      const controller = make(cntlid);
      this.#controllers.set(cntlid, controller);
      return controller;
    }
    return undefined;
  }

  /** After its connection has ended. */
  remove(controller: TargetController): void {
    if (this.#controllers.get(controller.cntlid) === controller) this.#controllers.delete(controller.cntlid);
  }

  /** Shuts those that it applies to; their hosts see the connection end. */
  drop(applies: (controller: TargetController) => boolean): void {
    for (const controller of [...this.#controllers.values()]) {
      if (!applies(controller)) continue;
      this.remove(controller);
      controller.shut();
    }
  }

  /** Lets the hosts of a subsystem know that its namespaces changed. */
  tell(subsystem: Subsystem): void {
    for (const controller of this.#controllers.values()) {
      if (controller.subsystem === subsystem) controller.namespacesChanged();
    }
  }

  discoveryChanged(concerns: (controller: TargetController) => boolean): void {
    for (const controller of this.#controllers.values()) {
      if (controller.subsystem === undefined && concerns(controller)) controller.discoveryChanged();
    }
  }

  list(): Iterable<TargetController> {
    return this.#controllers.values();
  }
}
