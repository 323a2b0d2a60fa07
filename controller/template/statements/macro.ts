import { defined } from "../take.ts";
import { own, Refusal, Tool, Undefined, type Value } from "../value.ts";
import type { Macro } from "./ast.ts";
import type { Rendering } from "./rendering.ts";

/**
 * A macro that sees the variables of where it stands, as they are when it is called. `varargs`, `kwargs` and `caller` are
 * there for macros that name them; what others get too much is refused.
 */
export function makeMacro(macro: Macro, rendering: Rendering): Tool {
  const { name, parameters, uses, body } = macro;
  const { frames } = rendering;
  const around = frames.here;
  const names = parameters.map((parameter) => parameter.name);
  const parts = new Map<string, Value>([
    ["name", name],
    ["arguments", names],
    ["caller", uses.has("caller")],
    ["catch_varargs", uses.has("varargs")],
    ["catch_kwargs", uses.has("kwargs")],
  ]);
  return new Tool(`the macro '${name}'`, parts, (positional, { caller, ...named }) => {
    refuseTooMuch(macro, positional, named, caller);
    return frames.within(() => {
      for (const [index, parameter] of parameters.entries()) {
        const { otherwise } = parameter;
        const given = index < positional.length ? positional[index] : own(named, parameter.name);
        const value = given === undefined && otherwise !== undefined ? rendering.value(otherwise) : given;
        frames.set(parameter.name, value === undefined ? notGiven(name, parameter.name) : value);
      }
      if (uses.has("varargs")) frames.set("varargs", positional.slice(parameters.length));
      if (uses.has("kwargs"))
        frames.set("kwargs", Object.fromEntries(Object.entries(named).filter(([key]) => !names.includes(key))));
      if (uses.has("caller") && !names.includes("caller"))
        frames.set("caller", caller ?? new Undefined(`nobody calls '${name}' by {% call %}`));
      return rendering.text(body);
    }, around);
  });
}

function notGiven(macro: string, parameter: string): Undefined {
  return new Undefined(`the macro '${macro}' was not given '${parameter}'`);
}

function refuseTooMuch(
  { name, parameters, uses }: Macro,
  positional: readonly Value[],
  named: Readonly<Record<string, Value>>,
  caller: Value | undefined,
): void {
  const names = parameters.map((parameter) => parameter.name);
  if (positional.length > names.length && !uses.has("varargs"))
    throw new Refusal(`the macro '${name}' takes ${names.length || "no"} arguments, got ${positional.length}`);
  const twice = names.slice(0, positional.length).find((each) => Object.hasOwn(named, each));
  if (twice !== undefined) throw new Refusal(`the macro '${name}' is given '${twice}' twice`);
  const unknown = Object.keys(named).find((each) => !names.includes(each));
  if (unknown !== undefined && !uses.has("kwargs"))
    throw new Refusal(`the macro '${name}' has no argument '${unknown}'`, `it has ${names.join(", ") || "none"}`);
  if (caller !== undefined && !uses.has("caller") && !names.includes("caller"))
    throw new Refusal(`the macro '${name}' does nothing with {% call %}`, "it must call caller()");
  if (caller !== undefined) defined(caller);
}
