/** The expressions of the template language; `at` is the offset of the first character in the template's text. */
export type Expression =
  | { is: "literal"; at: number; value: null | boolean | number | string }
  | { is: "name"; at: number; name: string }
  | { is: "list"; at: number; items: readonly Expression[] }
  | { is: "mapping"; at: number; entries: readonly (readonly [Expression, Expression])[] }
  | { is: "attribute"; at: number; of: Expression; name: string }
  | { is: "index"; at: number; of: Expression; index: Expression }
  | {
      is: "slice";
      at: number;
      of: Expression;
      from: Expression | undefined;
      to: Expression | undefined;
      step: Expression | undefined;
    }
  | { is: "call"; at: number; of: Expression; arguments: Arguments }
  | { is: "filter"; at: number; name: string; of: Expression; arguments: Arguments }
  | { is: "test"; at: number; name: string; of: Expression; arguments: Arguments; negated: boolean }
  | { is: "not"; at: number; of: Expression }
  | { is: "and" | "or"; at: number; left: Expression; right: Expression }
  | { is: "if"; at: number; condition: Expression; value: Expression; otherwise: Expression | undefined }
  | { is: "sign"; at: number; sign: "+" | "-"; of: Expression }
  | { is: "arithmetic"; at: number; operator: ArithmeticOperator; left: Expression; right: Expression }
  | {
      is: "comparison";
      at: number;
      first: Expression;
      rest: readonly { operator: ComparisonOperator; right: Expression }[];
    };

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** `*list`: more arguments by position. */
  readonly list?: Expression | undefined;
  /** `**mapping`: more arguments by name. */
  readonly mapping?: Expression | undefined;
}

/** A filter with its arguments, as `{% filter %}` has it before any value. */
export interface FilterCall {
  readonly at: number;
  readonly name: string;
  readonly arguments: Arguments;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "~";
export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";
