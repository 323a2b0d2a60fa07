import type { Clock, Millis } from "../../../../shared/clock.ts";
import { Alarm } from "../alarm.ts";
import type { Line } from "../fabric/fabric.ts";
import type { TargetController } from "./controllers.ts";
import type { Nvmet } from "./core.ts";

/** The time of a discovery controller whose host asked for none (NVMET_DISC_KATO_MS). */
const discoveryTimeout: Millis = 120_000;

interface HostPromise {
  /** The keep-alive timeout of its controller; 0: none. */
  timeout: Millis;
  /** How often the host speaks by itself; 0: it does not. */
  every: Millis;
}

/**
 * Notices that a host has gone (nvmet_keep_alive_timer): once per timeout it looks whether a command came since the last time,
 * so that a host is given up between one and two timeouts after its last command. A host that speaks by itself is waited for
 * only where the line says that it cannot be heard: a healthy session has no timer.
 */
export class TargetKeepAlive {
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #promise: HostPromise;
  readonly #alarm: Alarm;
  readonly #began: Millis;
  readonly #expire: () => void;
  readonly #forget: () => void;
  #next: Millis;
  #heard = false;

  constructor(clock: Clock, line: Line, promise: HostPromise, expire: () => void) {
    this.#clock = clock;
    this.#line = line;
    this.#promise = promise;
    this.#expire = expire;
    this.#began = clock.now();
    this.#next = this.#began + promise.timeout;
    this.#alarm = new Alarm(clock, () => this.#ring());
    this.#forget = line.onChange(() => this.#reckon());
    this.#reckon();
  }

  /** A command came. */
  heard(): void {
    this.#heard = true;
  }

  end(): void {
    this.#forget();
    this.#alarm.clear();
  }

  #reckon(): void {
    const { timeout, every } = this.#promise;
    if (timeout === 0) return;
    if (every === 0) this.#alarm.set(this.#next);
    else if (this.#line.roundTrip < Number.POSITIVE_INFINITY) this.#alarm.clear();
    else {
      // A keep-alive command begins the time anew, and counts as a command in it.
      const last = this.#began + Math.floor((this.#clock.now() - this.#began) / every) * every;
      this.#alarm.set(last + 2 * timeout);
    }
  }

  #ring(): void {
    if (this.#promise.every > 0 || !this.#heard) {
      this.#expire();
      return;
    }
    this.#heard = false;
    this.#next += this.#promise.timeout;
    this.#reckon();
  }
}

/** For a controller that was just made: it goes when its host has. */
export function keepAlive(
  nvmet: Nvmet,
  line: Line,
  controller: TargetController,
  { timeout, every }: HostPromise,
): TargetKeepAlive {
  const patience = timeout === 0 && controller.subsystem === undefined ? discoveryTimeout : timeout;
  return new TargetKeepAlive(nvmet.machine.clock, line, { timeout: patience, every }, () => {
    const { cntlid } = controller;
    nvmet.say(`ctrl ${cntlid} keep-alive timer (${Math.ceil(patience / 1000)} seconds) expired!`);
    nvmet.say(`ctrl ${cntlid} fatal error occurred!`);
    nvmet.controllers.remove(controller);
    controller.shut();
  });
}
