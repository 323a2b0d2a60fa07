import { type Deadline, deadlineIn } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { silentAfter } from "../fleet/node.ts";
import type { Dependant } from "./covered-hosts.ts";
import type { Bench } from "./perform.ts";

/**
 * Milliseconds in which an initiator notices that a target has gone, whatever the network said: a keep-alive of five seconds, sent
 * and missed (nvme_keep_alive_work), and the look that reports it.
 */
const noticeMillis = 15_000;

/** Follows paths to a target that boots, from before it goes down: whether they are live again, and not just still. */
export class PathsBack implements Disposable {
  readonly #bench: Pick<Bench, "fleet" | "clock" | "signal">;
  readonly #dependants: readonly Dependant[];
  readonly #lost = new Set<string>();
  readonly #noticed: Deadline;
  readonly #listening: Disposable;

  constructor(bench: Pick<Bench, "fleet" | "clock" | "signal">, dependants: readonly Dependant[]) {
    this.#bench = bench;
    this.#dependants = dependants;
    this.#noticed = deadlineIn(bench.clock, noticeMillis);
    this.#listening = bench.fleet.onChange(() => this.#look());
  }

  /** Throws `not_converging` where some are not by the deadline. One of a host that has gone meanwhile is not waited for. */
  async wait(deadline: Deadline): Promise<void> {
    const { fleet, clock, signal } = this.#bench;
    const isBack = () => this.#missing().length === 0;
    // Those that were never seen to go count as back only once they would have been.
    if (await fleet.until(isBack, Math.min(deadline, Math.max(clock.now(), this.#noticed)), signal)) return;
    if (await fleet.until(isBack, deadline, signal)) return;
    throw new FlashfleetError(
      "not_converging",
      `not all paths are back after the boot: ${this.#missing().join(", ")}`,
      {
        hint: "the node itself is up; flashfleet health says what is missing",
      },
    );
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #look(): void {
    for (const { name, isLive } of this.#paths()) if (!isLive) this.#lost.add(name);
  }

  #missing(): string[] {
    const hasNoticed = this.#bench.clock.now() >= this.#noticed;
    const missing = this.#paths().filter(({ name, isLive }) => !isLive || !(hasNoticed || this.#lost.has(name)));
    return missing.map(({ name }) => name);
  }

  #paths(): { name: string; isLive: boolean }[] {
    const { fleet, clock } = this.#bench;
    return this.#dependants.flatMap(({ node, paths }) => {
      const { report, heardAt } = fleet.find(node) ?? {};
      if (heardAt === undefined || clock.now() - heardAt > silentAfter) return [];
      return paths.map(({ nqn, path: { address, serviceId } }) => {
        const now = (report?.connections ?? []).filter((each) => each.nqn === nqn).flatMap((each) => each.paths);
        const same = now.filter((each) => each.address === address && each.serviceId === serviceId);
        const name = `${node} to ${nqn} over ${address}:${serviceId}`;
        return { name, isLive: same.some(({ state }) => state === "live") };
      });
    });
  }
}
