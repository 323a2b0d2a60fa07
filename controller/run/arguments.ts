import { FlashfleetError } from "../../shared/errors.ts";
import type { Secret } from "../../shared/secret.ts";
import { checkArguments } from "../project/check-arguments.ts";
import type { ModuleCall } from "../project/playbook.ts";
import type { Scope } from "../template/scope.ts";

export interface EvaluatedArguments {
  /** Parsed by the module's schema, with its defaults. */
  parsed: Readonly<Record<string, unknown>>;
  secrets: Readonly<Record<string, Secret>>;
}

/** A task's arguments on a host. Throws `bad_template`, or `bad_argument` with every mistake. */
export function evaluateArguments(module: ModuleCall, scope: Scope, place: string): EvaluatedArguments {
  const known = constant.get(module);
  if (known !== undefined) return known;
  const evaluated = evaluate(module, scope, place);
  if (module.arguments.isConstant) constant.set(module, evaluated);
  return evaluated;
}

/** Of calls without a template: they are the same on every host. */
const constant = new WeakMap<ModuleCall, EvaluatedArguments>();

function evaluate(module: ModuleCall, scope: Scope, place: string): EvaluatedArguments {
  const value = module.arguments.evaluate(scope);
  const checked = checkArguments(module.name, value);
  if (checked.ok) return { parsed: checked.arguments, secrets: checked.secrets };
  const [first, ...more] = checked.issues;
  throw new FlashfleetError(
    "bad_argument",
    `cannot use the arguments of ${module.name}: ${[first, ...more].map((issue) => issue?.message).join("; ")}`,
    {
      hint: first?.hint,
      place,
    },
  );
}
