import type { Expression, FilterCall } from "../ast.ts";
import type { Evaluator } from "../evaluation.ts";
import type { Value } from "../value.ts";
import type { Node } from "./ast.ts";
import type { Compiled } from "./compile.ts";
import type { Frames } from "./frames.ts";
import type { Output } from "./output.ts";

/** What a node asks the loop around it for. */
export type Jump = "break" | "continue" | undefined;

/** A template at work. Each statement gets it, for what it needs of the whole. */
export interface Rendering {
  readonly evaluator: Evaluator;
  readonly frames: Frames;
  readonly compiled: Compiled;
  value(expression: Expression): Value;
  /** A value behind filters that stand before it in `{% filter %}`. */
  filtered(filters: readonly FilterCall[], value: Value): Value;
  /** Renders into an output; a jump ends it early. */
  nodes(nodes: readonly Node[], into: Output): Jump;
  /** Renders into a text of its own. */
  text(nodes: readonly Node[]): string;
  /** The same rendering at work on another template, whose text is a part of this one's. */
  of(compiled: Compiled): Rendering;
}
