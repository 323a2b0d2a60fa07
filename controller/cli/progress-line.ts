import type { Clock } from "../../shared/clock.ts";
import type { RunEvent } from "../run/entry.ts";

/** Milliseconds of a task before it is worth a line. */
const patience = 2000;
/** Milliseconds between two drawings, at least. */
const betweenDrawings = 200;
/** So few hosts that are not done yet are named. */
const named = 3;

interface Parts {
  clock: Clock;
  /** To a terminal. */
  write(text: string): void;
  /** Characters of its line. */
  columns(): number;
}

interface Current {
  name: string;
  /** When it began, on the clock's own scale. */
  at: number;
  /** Those that were told at its begin and are not done. */
  waiting: Set<string>;
  total: number;
  done: number;
  failed: number;
  stop: AbortController;
}

/** One line at the foot of a terminal that says how far a long task is; nothing waits where no task runs. */
export class ProgressLine {
  readonly #parts: Parts;
  #current: Current | undefined;
  #isDrawn = false;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** After the event's own text was written. */
  take(event: RunEvent): void {
    if (event.is === "task") this.#begin(event.name, event.hosts);
    else if (event.is === "results") this.#count(event.results);
    else if (event.is !== "progress" && event.is !== "warning") this.end();
  }

  /** Before anything else is written. */
  clear(): void {
    if (this.#isDrawn) this.#parts.write("\r\u001b[2K");
    this.#isDrawn = false;
  }

  end(): void {
    this.clear();
    this.#current?.stop.abort();
    this.#current = undefined;
  }

  #begin(name: string, hosts: readonly string[]): void {
    this.end();
    const current: Current = {
      name,
      at: this.#parts.clock.now(),
      waiting: new Set(hosts),
      total: hosts.length,
      done: 0,
      failed: 0,
      stop: new AbortController(),
    };
    this.#current = current;
    this.#keepDrawing(current).catch(() => undefined);
  }

  #count(results: Extract<RunEvent, { is: "results" }>["results"]): void {
    const current = this.#current;
    if (current === undefined) return;
    for (const { host, item, outcome, ignored } of results) {
      if (item !== undefined) continue;
      current.done++;
      // A host that goes on as it can was not told of at the begin.
      if (!current.waiting.delete(host)) current.total = 0;
      if (!ignored && (outcome === "failed" || outcome === "unreachable")) current.failed++;
    }
    if (current.total > 0 && current.waiting.size === 0) this.end();
  }

  async #keepDrawing(current: Current): Promise<void> {
    const { clock } = this.#parts;
    await clock.sleep(patience, current.stop.signal);
    for (let second = -1; ; await clock.sleep(betweenDrawings, current.stop.signal)) {
      const now = Math.floor((clock.now() - current.at) / 1000);
      if (this.#isDrawn && now === second && clock.now() - this.#drawnAt < 1000) continue;
      second = now;
      this.#draw(current);
    }
  }

  #draw(current: Current): void {
    const { clock, write, columns } = this.#parts;
    const text = lineOf(current, clock.now());
    write(`\r\u001b[2K${text.slice(0, Math.max(0, columns() - 1))}`);
    this.#isDrawn = true;
    this.#drawnAt = clock.now();
  }
}

function lineOf({ name, at, waiting, total, done, failed }: Current, now: number): string {
  const hosts = total === 0 ? `${done} hosts done` : `${done}/${total} hosts done`;
  const failures = failed === 0 ? "" : `, ${failed} failed`;
  const rest = total > 0 && waiting.size <= named ? `, running: ${[...waiting].join(", ")}` : "";
  return `${elapsed(now - at)} [${name}] ${hosts}${failures}${rest}`;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function elapsed(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
