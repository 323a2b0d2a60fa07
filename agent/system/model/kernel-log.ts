import type { Clock, Millis } from "../../../shared/clock.ts";

/** The ring holds no more lines; older ones fall out. */
const longest = 500;

/** What the kernel prints: the ring that dmesg shows. */
export class KernelLog {
  readonly #clock: Clock;
  readonly #booted: Millis;
  #lines: string[] | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#booted = clock.now();
  }

  write(text: string): void {
    this.#lines ??= [];
    this.#lines.push(`[${this.uptime.toFixed(6).padStart(12)}] ${text}`);
    if (this.#lines.length > longest) this.#lines.shift();
  }

  /** As dmesg prints them: `[   12.345678] nvmet: …`, oldest first. */
  lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** Seconds since the boot. */
  get uptime(): number {
    return (this.#clock.now() - this.#booted) / 1000;
  }
}
