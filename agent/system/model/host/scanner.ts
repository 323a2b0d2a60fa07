import type { Millis } from "../../../../shared/clock.ts";
import { Alarm } from "../alarm.ts";
import type { NamespaceView } from "../fabric/messages.ts";
import type { HostController } from "./controller.ts";
import type { Initiator } from "./initiator.ts";
import { sameNamespaces, scan } from "./scan.ts";
import type { Session } from "./session.ts";

/** Twice the time that nvmet says it needs to change an ANA state (its anatt). */
const anaPatience: Millis = 20_000;

/** What a controller knows of its target's namespaces, from one connection to the next, and when it looks at them. */
export class Scanner {
  readonly #initiator: Initiator;
  readonly #controller: HostController;
  readonly #anaTransition: Alarm;
  /** What the target last listed. */
  #listed: readonly NamespaceView[] = [];
  #isScanned = false;
  #rescans = 0;

  constructor(initiator: Initiator, controller: HostController) {
    this.#initiator = initiator;
    this.#controller = controller;
    this.#anaTransition = new Alarm(initiator.machine.clock, () => {
      controller.say("ANATT timeout, resetting controller.");
      void controller.reset().catch(() => {});
    });
  }

  /** With what the target lists to a new connection. The kernel scans in a work item: disks come after the connect has returned. */
  begin(listed: readonly NamespaceView[]): void {
    const { clock, pace } = this.#initiator.machine;
    this.#listed = listed;
    this.#isScanned = false;
    if (pace.scan === 0) setImmediate(() => this.#scan(this.#listed));
    else void clock.sleep(pace.scan).then(() => this.#scan(this.#listed));
  }

  /** Nothing is expected of the target any more. */
  clear(): void {
    this.#anaTransition.clear();
  }

  /** Asks the target: what it lists next is no notice. */
  rescan(session: Session): void {
    this.#rescans++;
    session.rescan();
  }

  /** A notice of the target that its namespaces or their ANA states changed, or what we asked for. */
  heard(views: readonly NamespaceView[]): void {
    if (this.#rescans > 0) this.#rescans--;
    else if (!sameNamespaces(this.#listed, views)) this.#controller.say("rescanning namespaces.");
    // What it showed at first is looked at first: a disk whose path was usable then is there.
    if (!this.#isScanned) this.#scan(this.#listed);
    this.#listed = views;
    this.#scan(views);
  }

  #scan(views: readonly NamespaceView[]): void {
    const { state, subsystem } = this.#controller;
    if (state !== "live") return;
    this.#isScanned = true;
    scan(this.#initiator, this.#controller, views);
    const isChanging = subsystem?.multipath === true && views.some(({ anaState }) => anaState === "change");
    this.#anaTransition.set(isChanging ? this.#initiator.machine.clock.now() + anaPatience : Number.POSITIVE_INFINITY);
    subsystem?.kick();
  }
}
