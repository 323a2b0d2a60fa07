import { defined, takeItems } from "../take.ts";
import { equal, isTrue, Refusal, Tool, Undefined, type Value } from "../value.ts";
import { assign } from "./assign.ts";
import type { For } from "./ast.ts";
import type { Frame } from "./frames.ts";
import { Output } from "./output.ts";
import type { Jump, Rendering } from "./rendering.ts";

/** `{% for %}`: each item in a frame of its own, with `loop`; without items its `else`. */
export function renderFor(node: For, rendering: Rendering, into: Output): Jump {
  return renderItems(node, rendering.value(node.over), rendering, into, { around: rendering.frames.here, depth: 0 });
}

interface Where {
  around: Frame;
  /** Loops of a recursive one that are around this one. */
  depth: number;
}

function renderItems(node: For, over: Value, rendering: Rendering, into: Output, where: Where): Jump {
  const { frames, evaluator } = rendering;
  const all = takeItems(over, "what a loop goes over", evaluator);
  const { filter, target } = node;
  const items =
    filter === undefined
      ? all
      : all.filter((item) =>
          frames.within(() => {
            assign(target, item, rendering);
            return isTrue(rendering.value(filter));
          }, where.around),
        );
  if (items.length === 0) return frames.within(() => rendering.nodes(node.otherwise, into), where.around);
  const state = { index: 0, items };
  const loop = loopOf(state, where.depth, rendering, (inner) => again(node, inner, rendering, where));
  for (const [index, item] of items.entries()) {
    state.index = index;
    const jump = frames.within(() => {
      assign(target, item, rendering);
      if (node.usesLoop) frames.set("loop", loop);
      return rendering.nodes(node.body, into);
    }, where.around);
    if (jump === "break") break;
  }
  return undefined;
}

/** `loop(items)` of a recursive loop: the same loop over other items, as text. */
function again(node: For, over: Value, rendering: Rendering, { around, depth }: Where): string {
  if (!node.isRecursive) throw new Refusal("this loop is not recursive", "write {% for … recursive %}");
  const into = new Output(rendering.evaluator.budget);
  renderItems(node, over, rendering, into, { around, depth: depth + 1 });
  return into.text;
}

/** What a template knows of its loop. `state` is where the loop is. */
function loopOf(
  state: { index: number; items: readonly Value[] },
  depth: number,
  { evaluator }: Rendering,
  recurse: (over: Value) => string,
): Tool {
  let last: readonly Value[] | undefined;
  const cycle = new Tool("'loop.cycle'", new Map(), (values) => {
    if (values.length === 0) throw new Refusal("'loop.cycle' needs the values to take in turn");
    return values[state.index % values.length] ?? null;
  });
  const changed = new Tool("'loop.changed'", new Map(), (values) => {
    evaluator.budget.spend(values.length);
    const isSame = last !== undefined && equal(last, values);
    last = values;
    return !isSame;
  });
  const beside = (step: number, otherwise: string) => {
    const item = state.items[state.index + step];
    return item === undefined ? new Undefined(otherwise) : item;
  };
  const parts: Readonly<Record<string, () => Value>> = {
    index: () => state.index + 1,
    index0: () => state.index,
    revindex: () => state.items.length - state.index,
    revindex0: () => state.items.length - state.index - 1,
    first: () => state.index === 0,
    last: () => state.index === state.items.length - 1,
    length: () => state.items.length,
    depth: () => depth + 1,
    depth0: () => depth,
    previtem: () => beside(-1, "there is no previous item"),
    nextitem: () => beside(1, "there is no next item"),
    cycle: () => cycle,
    changed: () => changed,
  };
  return new Tool(
    "the loop",
    (name) => (Object.hasOwn(parts, name) ? parts[name]?.() : undefined),
    ([over]) => recurse(defined(over ?? null)),
  );
}
