import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import type { Include, VariableMap } from "../project/playbook.ts";
import { Budget } from "../template/budget.ts";
import { compileConstant } from "../template/compiled-value.ts";
import type { Scope } from "../template/scope.ts";
import { toJson } from "../template/text.ts";
import type { Value } from "../template/value.ts";
import type { HostTask } from "./call-module.ts";
import type { TaskResult } from "./entry.ts";
import { isJsonList, itemsOf, labelOf, nearOf, noList } from "./loop-items.ts";
import { type Node, select } from "./program.ts";
import type { TagSelection } from "./tags.ts";

export interface Included {
  /** One for each file, as Ansible counts them; a role that is included has none. */
  results: readonly TaskResult[];
  /** What the host goes on with, and what that stands for. */
  tasks: readonly Node[];
  of: string;
}

/** Reads what includes lead to once, for all hosts that come by: they share its tasks. */
export class Includes {
  readonly #selection: TagSelection;
  readonly #read = new WeakMap<Include, Map<string, readonly Node[]>>();

  constructor(selection: TagSelection) {
    this.#selection = selection;
  }

  /** Never throws: a file that is wrong or not there fails the host. */
  at(include: Include, { scopes, play, hosts, host, redaction, bench }: HostTask): Included {
    const skipped: Included = {
      results: [{ host, outcome: "skipped", result: { skip_reason: "Conditional result was False", skipped: true } }],
      tasks: [],
      of: "",
    };
    try {
      const scope = scopes.ofTask(play, hosts, include, host);
      const evaluated = itemsOf(include, scope);
      if ("skipped" in evaluated) return skipped;
      if (!isJsonList(evaluated.items)) throw noList(evaluated.items, include.place);
      const items = include.loop === undefined ? [undefined] : evaluated.items;
      const passed: TaskResult[] = [];
      const found: { target: string; of: string; tasks: readonly Node[] }[] = [];
      for (const [index, item] of items.entries()) {
        const near = item === undefined ? {} : nearOf(include.loopControl, evaluated.items, index, scope);
        const here = scopes.ofTask(play, hosts, include, host, near);
        const shown = item === undefined ? "" : labelOf(item);
        if (!include.when.every((condition) => condition.holds(here))) {
          if (item !== undefined) passed.push({ host, outcome: "skipped", item: shown, result: { skipped: true } });
          continue;
        }
        const target = include.target.render(here);
        const of = item === undefined ? "" : ` => (item=${shown})`;
        found.push({ target, of, tasks: this.#tasksOf(include, target, near) });
      }
      if (found.length === 0) return { ...skipped, results: [...passed, ...skipped.results] };
      const files = include.word === "include_role" ? [] : found;
      const results = files.map(({ target, of }) => ({
        host,
        outcome: "ok" as const,
        result: { include: target, include_of: of },
      }));
      const of = found.map((each) => `(${each.target}${each.of})`).join("");
      return {
        results: [...results, ...passed].map((result) => redaction.result(result)),
        tasks: found.flatMap(({ tasks }) => tasks),
        of: redaction.distinct(of, bench.secretKey),
      };
    } catch (error) {
      // A file that is wrong or not there is nobody's to ignore, as in Ansible.
      const isOfFile = error instanceof FlashfleetError && error.code === "bad_playbook";
      const ignored =
        !isOfFile && ignores(include, scopes.ofTask(play, hosts, include, host)) ? { ignored: true as const } : {};
      const failed = {
        host,
        outcome: "failed" as const,
        ...ignored,
        result: { failed: true },
        error: toErrorData(error),
      };
      return { results: [redaction.result(failed)], tasks: [], of: "" };
    }
  }

  #tasksOf(include: Include, target: string, near: Readonly<Record<string, Value>>): readonly Node[] {
    const known = this.#read.get(include) ?? new Map<string, readonly Node[]>();
    this.#read.set(include, known);
    const key = JSON.stringify([target, near]);
    const tasks = known.get(key) ?? select(include.read(target, constants(near)), this.#selection);
    known.set(key, tasks);
    return tasks;
  }
}

function ignores({ ignoreErrors }: Include, scope: Scope): boolean {
  try {
    return ignoreErrors?.holds(scope) === true;
  } catch {
    return false;
  }
}

/** Items are values by now: text in them is never a template. */
function constants(near: Readonly<Record<string, Value>>): VariableMap {
  return new Map(Object.entries(near).map(([name, value]) => [name, compileConstant(toJson(value, new Budget()))]));
}
