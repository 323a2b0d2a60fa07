import type { Branch } from "../project/branch.ts";
import type { Handler, Include, Item, Meta, Play, Task } from "../project/playbook.ts";
import { isSelected, type TagSelection } from "./tags.ts";

/** The task that every play begins with, unless it says otherwise. */
export interface FactsStep {
  is: "facts";
}

/** A handler, which is passed by hosts that nothing has notified it for. */
export interface HandlerStep {
  is: "handler";
  handler: Handler;
}

/** What a host does, or passes. */
export type Step = FactsStep | Task | Include | Meta | HandlerStep;
export type Node = Step | Branch<Step>;

/** What is done by asking a node or the controller. */
export type Doing = FactsStep | Task;

const flush: Meta = {
  is: "meta",
  place: "",
  word: "flush_handlers",
  when: [],
  vars: new Map(),
  params: new Map(),
  tags: ["always"],
  role: undefined,
};

/** A play as its hosts walk through it: facts, tasks that the tags select, and handlers after each section. */
export function programOf(play: Play, gathersFacts: boolean, selection: TagSelection): Node[] {
  const facts: Node[] = gathersFacts ? [{ is: "facts" }] : [];
  const part = (items: readonly Item[]) => {
    const selected = select(items, selection);
    const notifies = play.handlers.length > 0 || hasIncludes(selected);
    return selected.length > 0 && notifies ? [...selected, flush] : selected;
  };
  return [...facts, ...part(play.preTasks), ...part(play.tasks), ...part(play.postTasks)];
}

/** A role that is included may bring handlers. */
function hasIncludes(nodes: readonly Node[]): boolean {
  return nodes.some((node) =>
    node.is === "block" ? [node.tasks, node.rescue, node.always].some(hasIncludes) : node.is === "include",
  );
}

/** What tags leave of a list. */
export function select(items: readonly Item[], selection: TagSelection): Node[] {
  return items.flatMap((item): Node[] => {
    if (item.is !== "block") return isSelected(item.tags, selection) ? [item] : [];
    const part = (list: readonly Item[]) => select(list, selection);
    const block = { ...item, tasks: part(item.tasks), rescue: part(item.rescue), always: part(item.always) };
    return block.tasks.length + block.always.length === 0 ? [] : [block];
  });
}

/**
 * What is left of a program from the task of this name on; undefined where it has none. `pattern` may hold `*` and `?`. Facts
 * are gathered all the same.
 */
export function startingAt(program: readonly Node[], pattern: string): Node[] | undefined {
  const expression = new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  const state = { found: false };
  const left = fromMatch(program, expression, state);
  return state.found ? left : undefined;
}

function fromMatch(nodes: readonly Node[], pattern: RegExp, state: { found: boolean }): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (state.found || node.is === "facts") return [node];
    if (node.is === "block") {
      const tasks = fromMatch(node.tasks, pattern, state);
      const rescue = fromMatch(node.rescue, pattern, state);
      const always = fromMatch(node.always, pattern, state);
      return state.found ? [{ ...node, tasks, rescue, always }] : [];
    }
    state.found = (node.is === "task" || node.is === "include") && pattern.test(node.name?.text ?? moduleOf(node));
    return state.found ? [node] : [];
  });
}

const steps = new WeakMap<Handler, HandlerStep>();

/** All that the play has by now; a handler's step is always the same one, so that hosts meet at it. */
export function handlerSteps(play: Play): HandlerStep[] {
  return play.handlers.map((handler) => {
    const step = steps.get(handler) ?? { is: "handler", handler };
    steps.set(handler, step);
    return step;
  });
}

/** What the step does, by the name that people know. */
export function moduleOf(step: Exclude<Step, Meta>): string {
  if (step.is === "facts") return "setup";
  if (step.is === "include") return step.word;
  return (step.is === "handler" ? step.handler : step).module.name;
}
