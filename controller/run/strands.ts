import type { Handler } from "../project/playbook.ts";
import type { Node, Step } from "./program.ts";
import { comparePositions, Strand } from "./strand.ts";

/** The strands of a batch's hosts, side by side. */
export class Strands {
  readonly #hosts: readonly string[];
  readonly #strands: ReadonlyMap<string, Strand<Step>>;
  readonly #isDue: (host: string, handler: Handler) => boolean;
  #active: readonly string[] | undefined;
  #unharmed: readonly string[] | undefined;
  readonly #excused = new Set<string>();
  #hasLeavers = false;

  /** `isDue`: whether a host has been notified for a handler; it passes all others. */
  constructor(hosts: readonly string[], program: readonly Node[], isDue: (host: string, handler: Handler) => boolean) {
    this.#hosts = hosts;
    this.#strands = new Map(hosts.map((host) => [host, new Strand(program)]));
    this.#isDue = isDue;
  }

  /** Hosts that still take part; worked out anew only where one was lost. */
  get active(): readonly string[] {
    this.#active ??= this.#hosts.filter((host) => !this.of(host).isLost);
    return this.#active;
  }

  /** Those of them that have neither failed nor ended: `ansible_play_hosts`. The same list until another host fails or is through. */
  get unharmed(): readonly string[] {
    if (!this.#hasLeavers) return this.active;
    this.#unharmed ??= this.active.filter((host) => !this.of(host).isFailing && !this.#excused.has(host));
    return this.#unharmed;
  }

  /** Hosts that failed or could not be reached. */
  get lost(): readonly string[] {
    return this.#hasLeavers ? this.#hosts.filter((host) => this.of(host).isLost) : [];
  }

  of(host: string): Strand<Step> {
    const strand = this.#strands.get(host);
    if (strand === undefined) throw new Error(`host ${host} is not of this batch`);
    return strand;
  }

  /** Where a host stands, as a text: the same whenever the play is run. */
  placeOf(host: string): string {
    return this.of(host).place;
  }

  placesOf(hosts: readonly string[]): ReadonlyMap<string, string> {
    return new Map(hosts.map((host) => [host, this.placeOf(host)]));
  }

  fail(host: string): void {
    this.of(host).fail();
    this.#active = undefined;
    this.#unharmed = undefined;
    this.#hasLeavers = true;
  }

  /** It is through before the others. */
  excuse(host: string): void {
    this.of(host).end({ lost: false });
    this.#excused.add(host);
    this.#hasLeavers = true;
    this.#unharmed = undefined;
  }

  /** It could not be reached. */
  leave(host: string): void {
    this.of(host).end({ lost: true });
    this.#hasLeavers = true;
    this.#active = undefined;
    this.#unharmed = undefined;
  }

  /** All are through. */
  end(): void {
    for (const host of this.active) this.of(host).end({ lost: false });
  }

  /** Where a host stands. */
  stepOf(host: string): Step | undefined {
    const strand = this.of(host);
    for (let step = strand.leaf; step !== undefined; step = strand.leaf) {
      if (step.is !== "handler" || this.#isDue(host, step.handler)) return step;
      strand.done();
    }
    return undefined;
  }

  /** The step that stands first in the playbook, and the hosts that are there. */
  next(): { step: Step; hosts: readonly string[] } | undefined {
    // Hosts that failed may be rescued by now, or lost at the end of what is done always.
    this.#unharmed = undefined;
    if (this.#hasLeavers) this.#active = undefined;
    let first: { step: Step; position: readonly number[] } | undefined;
    let hosts: string[] = [];
    for (const host of this.#hosts) {
      const step = this.stepOf(host);
      if (step === undefined) continue;
      const { position } = this.of(host);
      const order = first === undefined ? -1 : comparePositions(position, first.position);
      if (order < 0) {
        first = { step, position };
        hosts = [host];
      } else if (order === 0 && step === first?.step) hosts.push(host);
    }
    return first === undefined ? undefined : { step: first.step, hosts };
  }
}
