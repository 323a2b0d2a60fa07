import type { Handler } from "../project/playbook.ts";
import type { Node, Step } from "./program.ts";
import { comparePositions, Strand } from "./strand.ts";

/** The strands of a batch's hosts, side by side. */
export class Strands {
  readonly #hosts: readonly string[];
  readonly #strands: ReadonlyMap<string, Strand<Step>>;
  readonly #isDue: (host: string, handler: Handler) => boolean;
  #active: readonly string[] | undefined;

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

  /** Hosts that failed or could not be reached. */
  get lost(): readonly string[] {
    return this.active.length === this.#hosts.length ? [] : this.#hosts.filter((host) => this.of(host).isLost);
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

  fail(host: string): void {
    this.of(host).fail();
    this.#active = undefined;
  }

  /** It could not be reached. */
  leave(host: string): void {
    this.of(host).end({ lost: true });
    this.#active = undefined;
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
