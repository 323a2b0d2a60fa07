import type { Clock, Millis } from "../../../../shared/clock.ts";
import { Alarm } from "../alarm.ts";
import type { Line } from "../fabric/fabric.ts";

/** After so long a command of an I/O queue is given up (nvme_core.io_timeout). */
const ioTimeout: Millis = 30_000;

export interface KeepAlive {
  /** After so long without an answer the target counts as gone; 0: nobody asks. */
  timeout: Millis;
  /** From one command to the next. */
  every: Millis;
}

/**
 * When a host gives up a connection on which nothing comes back: its keep-alive command or its oldest I/O has timed out.
 * Nothing is sent to find out: only where the line says that answers stay away is the moment reckoned and waited for.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #alarm: Alarm;
  readonly #began: Millis;
  readonly #keepAlive: KeepAlive;
  /** When each unanswered command was sent. */
  readonly #sent = new Map<number, Millis>();
  readonly #forget: () => void;
  /** The command that stays unanswered is the next one: this is fixed once the line changes. */
  #silentAt: Millis = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, line: Line, keepAlive: KeepAlive, giveUp: () => void) {
    this.#clock = clock;
    this.#line = line;
    this.#keepAlive = keepAlive;
    this.#began = clock.now();
    this.#alarm = new Alarm(clock, giveUp);
    this.#forget = line.onChange(() => this.#changed());
    this.#changed();
  }

  sent(id: number): void {
    this.#sent.set(id, this.#clock.now());
    this.#reckon();
  }

  answered(id: number): void {
    this.#sent.delete(id);
    this.#reckon();
  }

  end(): void {
    this.#forget();
    this.#alarm.clear();
  }

  #changed(): void {
    const { timeout, every } = this.#keepAlive;
    const isSilent = timeout > 0 && this.#line.roundTrip > timeout;
    if (!isSilent) this.#silentAt = Number.POSITIVE_INFINITY;
    else if (this.#silentAt === Number.POSITIVE_INFINITY) {
      const turn = Math.ceil((this.#clock.now() - this.#began) / every);
      this.#silentAt = this.#began + Math.max(1, turn) * every + timeout;
    }
    this.#reckon();
  }

  #reckon(): void {
    const [oldest = Number.POSITIVE_INFINITY] = this.#line.roundTrip > ioTimeout ? this.#sent.values() : [];
    this.#alarm.set(Math.min(this.#silentAt, oldest + ioTimeout));
  }
}
