import type { ErrorData } from "../../shared/errors.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Item, Play, Playbook, Task } from "../project/playbook.ts";
import { isLocal } from "./local-actions.ts";

interface Answer {
  play: number;
  name: string;
  value: unknown;
}

/** Questions of plays that nobody answered, and tasks for a machine that is none of the inventory's. */
export function problemsOfPlays(
  playbooks: readonly Playbook[],
  inventory: Inventory,
  answers: readonly Answer[],
  extraVars: Readonly<Record<string, unknown>>,
): ErrorData[] {
  const plays = playbooks.flatMap((playbook) => playbook.plays);
  return plays.flatMap((play, index) => {
    const given = new Set([
      ...Object.keys(extraVars),
      ...answers.filter((answer) => answer.play === index).map(({ name }) => name),
    ]);
    const open = play.prompts.filter(({ name }) => !given.has(name));
    const elsewhere = inventory.hosts.has(here)
      ? []
      : tasksOf(play).filter((task) => task.delegateTo?.text === here && isForNode(task));
    return [
      ...open.map(({ name, place }): ErrorData => {
        const message = `cannot run the play: it asks for '${name}', and nobody has answered`;
        return { code: "bad_playbook", message, hint: `-e ${name}=value`, place };
      }),
      ...elsewhere.map(({ place }): ErrorData => {
        const message = `cannot delegate the task to ${here}: the inventory has no such host`;
        const hint = `start an agent on that machine, and write into the inventory: ${here}: { flashfleet_node: NAME }`;
        return { code: "bad_playbook", message, hint, place };
      }),
    ];
  });
}

const here = "localhost";

function isForNode({ module }: Task): boolean {
  return module.is !== "action" || !isLocal(module.name);
}

function tasksOf({ preTasks, tasks, postTasks, handlers }: Play): Task[] {
  const inItems = (items: readonly Item[]): Task[] =>
    items.flatMap((item) => {
      if (item.is === "block") return inItems([...item.tasks, ...item.rescue, ...item.always]);
      return item.is === "task" ? [item] : [];
    });
  return [...inItems([...preTasks, ...tasks, ...postTasks]), ...handlers];
}

/** What was typed without being shown. */
export function privateAnswers(playbooks: readonly Playbook[], answers: readonly Answer[]): string[] {
  const plays = playbooks.flatMap((playbook) => playbook.plays);
  return answers.flatMap(({ play, name, value }) => {
    const isPrivate = plays[play]?.prompts.some((prompt) => prompt.name === name && prompt.isPrivate) === true;
    return isPrivate && (typeof value === "string" || typeof value === "number") ? [String(value)] : [];
  });
}
