import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { type ActionName, type ActionsOn, actions } from "../../shared/modules/actions/actions.ts";
import { includeVars } from "../../shared/modules/actions/include-vars.ts";
import type { Json } from "../../shared/protocol/json.ts";
import { type IncludeFrom, variablesFrom } from "../project/include-vars.ts";
import type { Scope } from "../template/scope.ts";
import { compileExpression, compileTemplate, mayBeTemplate } from "../template/template.ts";
import type { EvaluatedArguments } from "./arguments.ts";

/** What an action on the controller gives: it changes nothing on any node. */
export interface LocalResult {
  result: { [name: string]: Json };
}

interface Context {
  scope: Scope;
  /** How often -v was given. */
  verbosity: number;
  project: IncludeFrom;
  clock: Clock;
  signal: AbortSignal;
}

type LocalAction = (args: EvaluatedArguments, context: Context) => LocalResult | Promise<LocalResult>;
/** Actions that need nothing but the run's variables. A missing one does not compile. */
export const localActions: Readonly<Record<ActionsOn<"controller">, LocalAction>> = {
  debug: ({ parsed }, { scope, verbosity }) => {
    const name = parsed.var;
    if (Number(parsed.verbosity) > verbosity)
      return { result: { skipped: true, skipped_reason: "Verbosity threshold not met." } };
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
      result: {
        msg: typeof parsed.success_msg === "string" ? parsed.success_msg : "All assertions passed",
        ...(parsed.quiet === true ? { quiet: true } : {}),
      },
    };
  },
  fail: ({ parsed }) => {
    throw new FlashfleetError("task_failed", String(parsed.msg));
  },
  set_fact: ({ parsed }, { scope }) => {
    const { cacheable: _, ...facts } = parsed;
    // As in Ansible, the names themselves may be templates.
    const named = Object.entries(facts).map(([name, value]) => [nameIn(name, scope), value]);
    return { result: { ansible_facts: mutable(Object.fromEntries(named)) } };
  },
  include_vars: ({ parsed }, { project }) => {
    const { paths, vars } = variablesFrom(includeVars.parse(parsed), project);
    return { result: { ansible_facts: mutable(vars), ansible_included_var_files: paths } };
  },
  pause: async ({ parsed }, { clock, signal }) => {
    const minutes = typeof parsed.minutes === "number" ? parsed.minutes : 0;
    const seconds = typeof parsed.seconds === "number" ? parsed.seconds : 0;
    const delta = minutes * 60 + seconds;
    await clock.sleep(delta * 1000, signal);
    return { result: { delta } };
  },
};

function nameIn(name: string, scope: Scope): string {
  const text = mayBeTemplate(name) ? compileTemplate(name).render(scope) : name;
  if (/^[A-Za-z_]\w*$/.test(text)) return text;
  throw new FlashfleetError("bad_argument", `cannot set the fact '${text}': it is no name for a variable`, {
    hint: "a name has letters, digits and _, and does not begin with a digit",
  });
}

export function isLocal(name: ActionName): name is ActionsOn<"controller"> {
  return actions[name].runs === "controller";
}

/** The evaluator's values are read-only; what is kept of a run is a copy. */
function mutable(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
