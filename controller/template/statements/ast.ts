import type { Arguments, Expression, FilterCall } from "../ast.ts";

/** What a template consists of; `at` is the offset of a statement in the template's text. */
export type Node =
  | { is: "text"; text: string }
  | { is: "print"; at: number; value: Expression }
  | { is: "if"; at: number; branches: readonly Branch[]; otherwise: readonly Node[] }
  | For
  | { is: "set"; at: number; target: Target; value: Expression }
  | { is: "set block"; at: number; target: Target; filters: readonly FilterCall[]; body: readonly Node[] }
  | { is: "with"; at: number; bindings: readonly (readonly [Target, Expression])[]; body: readonly Node[] }
  | { is: "filter"; at: number; filters: readonly FilterCall[]; body: readonly Node[] }
  | { is: "macro"; at: number; macro: Macro }
  | { is: "call"; at: number; of: Expression; arguments: Arguments; caller: Macro }
  | Include
  | Import
  | { is: "do"; at: number; value: Expression }
  | { is: "break" | "continue"; at: number };

export interface Branch {
  readonly condition: Expression;
  readonly body: readonly Node[];
}

export interface For {
  readonly is: "for";
  readonly at: number;
  readonly target: Target;
  readonly over: Expression;
  /** Items that it does not hold for are left out. */
  readonly filter: Expression | undefined;
  readonly isRecursive: boolean;
  /** Whether its body names `loop`: as in Jinja, what it includes sees `loop` only then. */
  readonly usesLoop: boolean;
  readonly body: readonly Node[];
  /** Where there are no items. */
  readonly otherwise: readonly Node[];
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly { name: string; otherwise: Expression | undefined }[];
  readonly body: readonly Node[];
  /** Which of `caller`, `varargs` and `kwargs` it names. */
  readonly uses: ReadonlySet<string>;
}

export interface Include {
  readonly is: "include";
  readonly at: number;
  /** A name, or a list of names of which the first that is there counts. */
  readonly file: Expression;
  readonly mayBeMissing: boolean;
  readonly seesVariables: boolean;
}

export interface Import {
  readonly is: "import";
  readonly at: number;
  readonly file: Expression;
  /** The name of the whole, or what is taken from it by which name. */
  readonly as: string | readonly (readonly [string, string])[];
  readonly seesVariables: boolean;
}

/** What a value is given to. */
export type Target =
  | { is: "name"; at: number; name: string }
  | { is: "tuple"; at: number; items: readonly Target[] }
  /** Of a namespace. */
  | { is: "part"; at: number; of: string; name: string };
