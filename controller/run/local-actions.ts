import { FlashfleetError } from "../../shared/errors.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Scope } from "../template/scope.ts";
import { compileExpression } from "../template/template.ts";
import type { EvaluatedArguments } from "./arguments.ts";

/** What an action on the controller gives: it changes nothing. */
export interface LocalResult {
  result: { [name: string]: Json };
}

/** Actions that need nothing but the run's variables. */
export const localActions: Readonly<
  Record<"debug" | "assert", (args: EvaluatedArguments, scope: Scope) => LocalResult>
> = {
  debug: ({ parsed }, scope) => {
    const name = parsed.var;
    if (typeof name === "string") return { result: { [name]: mutable(compileExpression(name).evaluate(scope)) } };
    return { result: { msg: (parsed.msg as Json | undefined) ?? "Hello world!" } };
  },
  assert: ({ parsed }, scope) => {
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
};

/** The evaluator's values are read-only; what is kept of a run is a copy. */
function mutable(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
