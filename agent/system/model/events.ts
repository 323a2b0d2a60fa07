import type { Change } from "../system.ts";

/** What the kernel says to netlink listeners (lib/kobject_uevent.c). */
export interface Uevent {
  action: "add" | "remove" | "change";
  /** Below /sys: /devices/virtual/nvme-fabrics/ctl/nvme0. */
  devpath: string;
  /** nvme, nvme-subsystem, nvme-generic, hwmon, block, … */
  subsystem: string;
  /** All others, in the kernel's order. */
  properties: Readonly<Record<string, string>>;
}

/** The subsystems whose events an agent listens to, by the names that it has for them. */
const told: Readonly<Record<string, Change["subsystem"]>> = { nvme: "nvme", "nvme-subsystem": "nvme", block: "block" };

/** Kernel events of a node, to everyone who listens at that moment. */
export class Events {
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #hearers = new Set<(uevent: Uevent) => void>();

  /** What is no uevent: addresses and interfaces. */
  emit(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  tell(uevent: Uevent): void {
    for (const hear of this.#hearers) hear(uevent);
    const subsystem = Object.hasOwn(told, uevent.subsystem) ? told[uevent.subsystem] : undefined;
    if (subsystem === undefined) return;
    this.emit({ subsystem, action: uevent.action, device: uevent.devpath.slice(uevent.devpath.lastIndexOf("/") + 1) });
  }

  /** As a netlink socket of its group 1, until the power goes. */
  hear(hear: (uevent: Uevent) => void): void {
    this.#hearers.add(hear);
  }

  /** Nobody hears anything any more. */
  end(): void {
    this.#listeners.clear();
    this.#hearers.clear();
  }

  /** From now until the signal is aborted. What happens between two reads waits in order. */
  changes(signal: AbortSignal): AsyncIterable<Change> {
    const pending: Change[] = [];
    let wake = () => {};
    const listener = (change: Change) => {
      pending.push(change);
      wake();
    };
    const stop = () => {
      this.#listeners.delete(listener);
      wake();
    };
    if (!signal.aborted) this.#listeners.add(listener);
    signal.addEventListener("abort", stop, { once: true });
    const next = () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      });
    return (async function* () {
      try {
        while (!signal.aborted) {
          const change = pending.shift();
          if (change === undefined) await next();
          else yield change;
        }
      } finally {
        stop();
      }
    })();
  }
}
