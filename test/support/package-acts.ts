import { expect } from "vitest";
import { runAction } from "../../agent/actions/actions.ts";
import { Foreseen } from "../../agent/actions/foreseen.ts";
import type { System } from "../../agent/system/system.ts";
import { systemClock as clock, deadlineIn } from "../../shared/clock.ts";
import { actions } from "../../shared/modules/actions/actions.ts";
import { isJsonRecord, type JsonRecord, toJson } from "../../shared/protocol/json.ts";
import { modelNode } from "./agent-node.ts";

interface Root {
  system: System;
  installed(): unknown;
}

const soon = () => deadlineIn(clock, 60_000);

/** A package manager's action on a root of its own, done and foretold. */
export function packageActs(name: "apt" | "dnf", rootOf: () => Root) {
  async function act(args: JsonRecord, check?: Foreseen) {
    const { system: own } = rootOf();
    const job = { progress: () => {}, effect: async () => {} };
    const checking = check && { node: own, clock, deadline: soon(), foreseen: check };
    const system = check === undefined ? own : modelNode();
    const context = { system, clock, deadline: soon(), check: check !== undefined, job, checking };
    const answer = await runAction(name, toJson(actions[name].schema.parse(args)), context);
    return { outcome: answer.outcome, result: isJsonRecord(answer.result) ? answer.result : {} };
  }
  return {
    act,
    /** Foretold, done, and nothing left to do. */
    async settle(args: JsonRecord) {
      const check = new Foreseen();
      const before = rootOf().installed();
      const foretold = await act(args, check);
      expect((await act(args, check)).outcome).toBe("ok");
      expect(rootOf().installed()).toEqual(before);
      const first = await act(args);
      expect([first.outcome, first.result.diff]).toEqual([foretold.outcome, foretold.result.diff]);
      expect((await act(args)).outcome).toBe("ok");
      return first;
    },
    /** In a check too. */
    async refused(args: JsonRecord, error: object) {
      for (const check of [undefined, new Foreseen()]) await expect(act(args, check)).rejects.toMatchObject(error);
    },
  };
}
