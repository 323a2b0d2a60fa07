import type { Uevent } from "../../../agent/system/model/events.ts";
import type { ModelSystem } from "../../../agent/system/model/model-system.ts";
import type { Millis } from "../../../shared/clock.ts";
import type { Hearing } from "./machine.ts";

/** System calls that the program still makes before its other thread has heard of an event. */
const lag = 3;

interface Heard {
  uevent: Uevent;
  /** The program's system calls by then, and the time. */
  calls: number;
  at: Millis;
}

/**
 * Uevents of a model as a Python thread hears them: it gets its turn while the main thread sleeps or waits, and otherwise
 * some system calls late.
 */
export class ModelHearing {
  readonly #now: () => Millis;
  #calls = 0;
  #coming: Heard[] = [];
  #heard: Uevent[] = [];

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** The program makes one more system call. */
  called(): void {
    this.#calls++;
  }

  start(system: ModelSystem): Hearing {
    system.hear((uevent) => this.#coming.push({ uevent, calls: this.#calls, at: this.#now() }));
    return {
      heard: () => {
        this.#catchUp();
        return this.#heard.splice(0).map(({ action, devpath, subsystem, properties }) => ({
          headline: `${action}@${devpath}`,
          properties: Object.entries({ SUBSYSTEM: subsystem, ...properties }).map((each) => each.join("=")),
        }));
      },
      forget: () => {
        this.#catchUp();
        this.#heard = [];
      },
    };
  }

  #catchUp(): void {
    const isHeard = ({ calls, at }: Heard) => at < this.#now() || calls + lag <= this.#calls;
    this.#heard.push(...this.#coming.filter(isHeard).map(({ uevent }) => uevent));
    this.#coming = this.#coming.filter((each) => !isHeard(each));
  }
}
