import type { ConnectOptions } from "../../../agent/system/system.ts";
import type { Act } from "../row.ts";

/** A rough idea of what a walk has made so far: as if every act had been taken. It makes walks go deep, not right. */
export class Rough {
  readonly #made = new Set<string>();
  readonly #written = new Map<string, string>();
  /** What was connected, in turn. */
  connects: ConnectOptions[] = [];

  note(act: Act): void {
    if (act.act === "mkdir" || act.act === "link") this.#made.add(act.path);
    else if (act.act === "unlink") this.#made.delete(act.path);
    else if (act.act === "rmdir") this.#drop(act.path);
    else if (act.act === "connect") this.connects.push(act.options);
    else if (act.act === "write" && act.path.endsWith("/delete_controller")) this.connects.shift();
    else if (act.act === "write") this.#written.set(act.path, act.value);
  }

  has(path: string): boolean {
    return this.#made.has(path);
  }

  get subsystems(): string[] {
    return this.#matching(/^subsystems\/[^/]+$/);
  }

  get namespaces(): string[] {
    return this.#matching(/\/namespaces\/[^/]+$/);
  }

  get hosts(): string[] {
    return this.#matching(/^hosts\/[^/]+$/);
  }

  get allowed(): string[] {
    return this.#matching(/\/allowed_hosts\/[^/]+$/);
  }

  get ports(): string[] {
    return this.#matching(/^ports\/[^/]+$/);
  }

  get portLinks(): string[] {
    return this.#matching(/^ports\/[^/]+\/subsystems\/[^/]+$/);
  }

  get anaGroups(): string[] {
    return [...this.ports.map((port) => `${port}/ana_groups/1`), ...this.#matching(/\/ana_groups\/[^/]+$/)];
  }

  get referrals(): string[] {
    return this.#matching(/\/referrals\/[^/]+$/);
  }

  /** What was last written to an attribute. */
  written(path: string): string | undefined {
    return this.#written.get(path);
  }

  /** Directories and links. */
  get all(): string[] {
    return [...this.#made];
  }

  /** What lies below a directory: what must go before it. */
  below(path: string): string[] {
    return this.all.filter((each) => each.startsWith(`${path}/`));
  }

  #matching(pattern: RegExp): string[] {
    return this.all.filter((path) => pattern.test(path));
  }

  #drop(path: string): void {
    for (const each of [path, ...this.below(path)]) this.#made.delete(each);
  }
}
