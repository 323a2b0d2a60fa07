import { takeItems } from "../take.ts";
import { Namespace, Refusal, typeName, Undefined, type Value } from "../value.ts";
import type { Target } from "./ast.ts";
import type { Rendering } from "./rendering.ts";

/** Gives a value to what stands on the left: a name in the frame that is here, several names, or a part of a namespace. */
export function assign(target: Target, value: Value, rendering: Rendering): void {
  if (target.is === "name") rendering.frames.set(target.name, value);
  else if (target.is === "tuple") {
    const items = takeItems(value, "what is taken apart", rendering.evaluator);
    if (items.length !== target.items.length)
      throw new Refusal(`${target.items.length} names cannot take ${items.length} values`);
    for (const [index, each] of target.items.entries()) assign(each, items[index] ?? null, rendering);
  } else {
    const owner = rendering.evaluator.variable(target.of);
    if (owner instanceof Undefined) throw owner.refusal();
    if (!(owner instanceof Namespace))
      throw new Refusal(
        `'${target.of}' is ${typeName(owner)}, and only parts of a namespace can be set`,
        `begin with {% set ${target.of} = namespace(${target.name}=…) %}`,
      );
    owner.set(target.name, value);
  }
}
