import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { type ActionName, type ActionsOn, actions } from "../../shared/modules/actions/actions.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Scope } from "../template/scope.ts";
import { compileExpression } from "../template/template.ts";
import type { EvaluatedArguments } from "./arguments.ts";

/** What an action on the controller gives: it changes nothing on any node. */
export interface LocalResult {
  result: { [name: string]: Json };
}

interface Context {
  scope: Scope;
  clock: Clock;
  signal: AbortSignal;
}

type LocalAction = (args: EvaluatedArguments, context: Context) => LocalResult | Promise<LocalResult>;
/** Actions that need nothing but the run's variables. A missing one does not compile. */
export const localActions: Readonly<Record<ActionsOn<"controller">, LocalAction>> = {
  debug: ({ parsed }, { scope }) => {
    const name = parsed.var;
    if (typeof name === "string") return { result: { [name]: mutable(compileExpression(name).evaluate(scope)) } };
    return { result: { msg: parsed.msg === undefined ? "Hello world!" : mutable(parsed.msg) } };
  },
  assert: ({ parsed }, { scope }) => {
    const conditions = [parsed.that].flat();
    for (const condition of conditions) {
      const holds = typeof condition === "string" ? compileExpression(condition).holds(scope) : condition === true;
      if (holds) continue;
      const message = typeof parsed.fail_msg === "string" ? parsed.fail_msg : `Assertion failed: ${String(condition)}`;
      throw new FlashfleetError("task_failed", message, { hint: "the condition is false on this host" });
    }
    return {
      result: { msg: typeof parsed.success_msg === "string" ? parsed.success_msg : "All assertions passed" },
    };
  },
  fail: ({ parsed }) => {
    throw new FlashfleetError("task_failed", String(parsed.msg));
  },
  set_fact: ({ parsed }) => {
    const { cacheable: _, ...facts } = parsed;
    return { result: { ansible_facts: mutable(facts) } };
  },
  pause: async ({ parsed }, { clock, signal }) => {
    const minutes = typeof parsed.minutes === "number" ? parsed.minutes : 0;
    const seconds = typeof parsed.seconds === "number" ? parsed.seconds : 0;
    const delta = minutes * 60 + seconds;
    await clock.sleep(delta * 1000, signal);
    return { result: { delta } };
  },
};

export function isLocal(name: ActionName): name is ActionsOn<"controller"> {
  return actions[name].runs === "controller";
}

/** The evaluator's values are read-only; what is kept of a run is a copy. */
function mutable(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
