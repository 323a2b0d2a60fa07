import type { CallArguments, Evaluator } from "../evaluation.ts";
import type { ProjectFiles } from "../project-files.ts";
import { argument } from "../take.ts";
import { Refusal, type Value } from "../value.ts";

/** What `lookup('name', …)` and `with_name:` do. */
export interface Lookup {
  /** The names of its options. */
  readonly takes: readonly string[];
  /** What it finds for its terms; throws a Refusal where it cannot. Pure: the project's files come with the evaluator. */
  finds(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): readonly Value[];
}

export type LookupOptions = Readonly<Record<string, Value>>;
export type Lookups = Readonly<Record<string, Lookup>>;

/** An option by its name; undefined where it was not given. Undefined values are refused. */
export function option(options: LookupOptions, name: string): Value | undefined {
  const args: CallArguments = { positional: [], named: options };
  return argument(args, 0, name);
}

/** The project's files, or a Refusal where there are none: `hosts:` of a play is worked out before any task. */
export function filesOf({ scope }: Evaluator, name: string): ProjectFiles {
  if (scope.files !== undefined) return scope.files;
  throw new Refusal(`the lookup '${name}' finds files of a task, and there is no task here`, "use it within a task");
}
