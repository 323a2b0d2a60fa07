import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Answer } from "./cli.ts";
import { type PairFleet, startPairFleet } from "./pair-fleet.ts";

/** A fleet for all tests of a file, and playbooks on it. */
export interface PairDesk {
  readonly fleet: PairFleet;
  /** A command with a playbook of this text. */
  command(name: string, text: string, ...options: string[]): Promise<Answer>;
  /** A run that must end well. */
  done(text: string, ...options: string[]): Promise<Answer>;
}

/** What one test has removed, another may have: released drives are wiped after each. */
export function openPairDesk(): PairDesk {
  let opened: PairFleet | undefined;
  let files = 0;
  const fleetOf = () => {
    if (opened === undefined) throw new Error("the fleet is there from the first test on");
    return opened;
  };
  beforeAll(async () => {
    opened = await startPairFleet();
  });
  afterEach(() => fleetOf().wipeReleased());
  afterAll(() => opened?.[Symbol.asyncDispose]());
  const command: PairDesk["command"] = async (name, text, ...options) =>
    fleetOf().cli(name, await fleetOf().file(`play-${files++}.yml`, text), ...options);
  return {
    get fleet() {
      return fleetOf();
    },
    command,
    done: async (text, ...options) => {
      const answer = await command("run", text, ...options);
      expect(answer.code, answer.out + answer.err).toBe(0);
      return answer;
    },
  };
}
