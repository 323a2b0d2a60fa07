import { expect, vi } from "vitest";
import type { Fault, Trouble } from "../../agent/system/model/faults.ts";
import { changesOf, type PairFleet, startPairFleet } from "./pair-fleet.ts";
import type { Transaction } from "./pair-plays.ts";

/** What may happen at a step: named for messages. */
export interface Mishap {
  name: string;
  trouble: Trouble;
}

const ends = ["flash01", "flash02", "db01"] as const;

/**
 * Does a transaction once for each of its steps and each of these mishaps, on both ends. It must lead from before to after or back
 * to before, and once more without the mishap to after.
 */
export async function faultAtEveryStep(transaction: Transaction, mishaps: readonly Mishap[]): Promise<number> {
  await using fleet = await startPairFleet();
  const trial = new Trial(fleet, transaction);
  // Modules that are loaded, and identities that were made, stay: that is before.
  await trial.rehearse();
  const { before, after, steps } = await trial.rehearse();
  expect(after).not.toEqual(before);
  let cases = 0;
  for (const { node, count } of steps) {
    for (let at = 0; at < count; at++) {
      for (const mishap of mishaps) {
        cases++;
        await trial.fail(`step ${at} of ${count} on ${node} ${mishap.name}`, node, at, mishap.trouble, {
          before,
          after,
        });
      }
    }
  }
  return cases;
}

interface Worlds {
  before: readonly string[];
  after: readonly string[];
}

class Trial {
  readonly #fleet: PairFleet;
  readonly #transaction: Transaction;
  #files = 0;

  constructor(fleet: PairFleet, transaction: Transaction) {
    this.#fleet = fleet;
    this.#transaction = transaction;
  }

  /** How much is done on each end, and what there is before and after. */
  async rehearse(): Promise<Worlds & { steps: { node: string; count: number }[] }> {
    const fleet = this.#fleet;
    const { from, to, end } = this.#transaction;
    if (from !== undefined) await this.#done(from, "before");
    const before = await fleet.world();
    const views = ends.map((node) => ({ node, view: fleet.arm(node) }));
    await this.#done(to, "the transaction itself");
    const steps = views.map(({ node, view }) => ({ node, count: changesOf(view.operations).length }));
    const after = await fleet.world();
    await this.#done(end, "after");
    return { before, after, steps };
  }

  async fail(where: string, node: string, at: number, trouble: Trouble, { before, after }: Worlds): Promise<void> {
    const { from, to, end } = this.#transaction;
    const fleet = this.#fleet;
    if (from !== undefined) await this.#done(from, `before ${where}`);
    const said = await this.#withFault(node, { at: { method: "do" }, after: at, trouble }, () => this.#run(to));
    const told = `${where}\n${said.out}${said.err}`;
    // What was booted anew restores its end by itself.
    const isBefore = async () => JSON.stringify(await fleet.world()) === JSON.stringify(before);
    if (trouble.is !== "power loss" && !(await isBefore())) expect(await fleet.world(), told).toEqual(after);
    if (trouble.is === "power loss")
      await vi.waitFor(async () => expect([before, after], told).toContainEqual(await fleet.world()), {
        timeout: 30_000,
      });
    expect(said.out, told).not.toContain("in_doubt");
    await this.#done(to, told);
    expect(await fleet.world(), told).toEqual(after);
    await this.#done(end, told);
  }

  async #withFault<T>(node: string, fault: Fault, work: () => Promise<T>): Promise<T> {
    const fleet = this.#fleet;
    const view = fleet.arm(node, [fault]);
    const revived = view.ended.then(() =>
      fault.trouble.is === "power loss" ? fleet.bootAgain(node) : fleet.revive(node),
    );
    const result = await work();
    if (fault.trouble.is !== "errno") await revived;
    fleet.arm(node);
    return result;
  }

  async #run(playbook: string) {
    return this.#fleet.cli("run", await this.#fleet.file(`play-${this.#files++}.yml`, playbook));
  }

  async #done(playbook: string, told: string): Promise<void> {
    const { code, out, err } = await this.#run(playbook);
    expect(code, `${told}\n${out}${err}`).toBe(0);
  }
}
