import type { Budget } from "../budget.ts";
import { Refusal } from "../value.ts";
import { type CharTest, type Flags, type RegexNode, widthOf } from "./node.ts";
import { parseRegex } from "./parse.ts";

type Instruction =
  | { op: "char"; test: CharTest }
  | { op: "assert"; test: (text: string, at: number) => boolean }
  | { op: "split"; first: number; second: number }
  | { op: "jump"; to: number }
  | { op: "save"; slot: number }
  | { op: "moved"; slot: number }
  | { op: "back"; index: number }
  | { op: "look"; program: Program; negative: boolean; back: number }
  | { op: "match" };

type Program = readonly Instruction[];
const mostInstructions = 20_000;
const mostWaiting = 1_000_000;

/** A compiled regular expression: our own, because JavaScript's cannot be stopped once it backtracks for ever. */
export interface Regex {
  readonly program: Program;
  readonly slots: number;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

export interface Match {
  start: number;
  end: number;
  /** The whole match first, then the groups; undefined where a group took no part. */
  groups: readonly (string | undefined)[];
  names: ReadonlyMap<string, number>;
}

/** Compiles a pattern in Python's syntax; refuses what is wrong or too large. `whole`: a match must reach the end. */
export function compileRegex(pattern: string, flags: Partial<Flags> & { whole?: boolean } = {}): Regex {
  const { root, groups, names } = parseRegex(pattern, { ignoreCase: false, multiline: false, dotAll: false, ...flags });
  const program: Instruction[] = [];
  // Slots 0 to 2 * groups + 1 are the bounds of the groups; loops that could be empty take the ones behind.
  let slots = 2 * groups + 2;

  let size = 0;
  const grow = () => {
    if (++size > mostInstructions) throw new Refusal(`the regular expression '${pattern}' repeats too much`);
  };
  const emit = (instruction: Instruction, into: Instruction[]): number => {
    grow();
    return into.push(instruction) - 1;
  };

  const optional = (node: RegexNode, greedy: boolean, loops: boolean, into: Instruction[]): void => {
    const start = emit({ op: "jump", to: 0 }, into);
    const slot = loops ? slots++ : -1;
    if (loops) emit({ op: "save", slot }, into);
    add(node, into);
    if (loops) {
      emit({ op: "moved", slot }, into);
      emit({ op: "jump", to: start }, into);
    }
    into[start] = greedy
      ? { op: "split", first: start + 1, second: into.length }
      : { op: "split", first: into.length, second: start + 1 };
  };

  const add = (node: RegexNode, into: Instruction[]): void => {
    grow();
    switch (node.is) {
      case "char":
        emit({ op: "char", test: node.test }, into);
        break;
      case "assert":
        emit({ op: "assert", test: node.test }, into);
        break;
      case "back":
        emit({ op: "back", index: node.index }, into);
        break;
      case "sequence":
        for (const part of node.parts) add(part, into);
        break;
      case "group":
        emit({ op: "save", slot: 2 * node.index }, into);
        add(node.of, into);
        emit({ op: "save", slot: 2 * node.index + 1 }, into);
        break;
      case "look": {
        const inner: Instruction[] = [];
        add(node.of, inner);
        emit({ op: "match" }, inner);
        emit(
          { op: "look", program: inner, negative: node.negative, back: node.behind ? (widthOf(node.of) ?? 0) : 0 },
          into,
        );
        break;
      }
      case "choice": {
        const exits: number[] = [];
        for (const [index, option] of node.options.entries()) {
          const isLast = index === node.options.length - 1;
          const split = isLast ? -1 : emit({ op: "jump", to: 0 }, into);
          add(option, into);
          if (isLast) continue;
          exits.push(emit({ op: "jump", to: 0 }, into));
          into[split] = { op: "split", first: split + 1, second: into.length };
        }
        for (const exit of exits) into[exit] = { op: "jump", to: into.length };
        break;
      }
      case "repeat":
        for (let count = 0; count < node.least; count++) add(node.of, into);
        if (node.most === Infinity) optional(node.of, node.greedy, true, into);
        else for (let count = node.least; count < node.most; count++) optional(node.of, node.greedy, false, into);
        break;
    }
  };
  add(root, program);
  if (flags.whole === true) emit({ op: "assert", test: (text, at) => at === text.length }, program);
  emit({ op: "match" }, program);
  return { program, slots, groups, names };
}

/** The slots of a match that begins at `start`, or undefined. Backtracks with a stack of its own and pays per step. */
function run(program: Program, text: string, start: number, given: readonly number[], budget: Budget) {
  const waiting: { pc: number; at: number; slots: readonly number[] }[] = [];
  let [pc, at, slots] = [0, start, given];
  for (let steps = 1; ; steps++) {
    if (steps % 64 === 0) budget.spend(64);
    const instruction = program[pc];
    let matches = true;
    pc++;
    switch (instruction?.op) {
      case "char":
        matches = at < text.length && instruction.test(text.charCodeAt(at));
        at++;
        break;
      case "assert":
        matches = instruction.test(text, at);
        break;
      case "split":
        if (waiting.length > mostWaiting) throw new Refusal("the regular expression goes back too often on this text");
        waiting.push({ pc: instruction.second, at, slots });
        pc = instruction.first;
        break;
      case "jump":
        pc = instruction.to;
        break;
      case "save":
        slots = slots.with(instruction.slot, at);
        budget.spend(slots.length >> 4);
        break;
      case "moved":
        matches = slots[instruction.slot] !== at;
        break;
      case "back": {
        const said = text.slice(slots[2 * instruction.index] ?? 0, slots[2 * instruction.index + 1] ?? 0);
        matches = (slots[2 * instruction.index + 1] ?? -1) >= 0 && text.startsWith(said, at);
        at += said.length;
        break;
      }
      case "look":
        matches =
          (at >= instruction.back &&
            run(instruction.program, text, at - instruction.back, slots, budget) !== undefined) !==
          instruction.negative;
        break;
      default:
        budget.spend(steps % 64);
        return { slots, end: at };
    }
    if (matches) continue;
    const next = waiting.pop();
    if (next === undefined) {
      budget.spend(steps % 64);
      return undefined;
    }
    ({ pc, at, slots } = next);
  }
}

/** A match that begins exactly at `at`, as Python's `re.match`. */
export function matchAt(regex: Regex, text: string, at: number, budget: Budget): Match | undefined {
  const found = run(regex.program, text, at, new Array<number>(regex.slots).fill(-1), budget);
  if (found === undefined) return undefined;
  const { slots, end } = found;
  const groups = Array.from({ length: regex.groups }, (_, index) => {
    const [from = -1, to = -1] = [slots[2 * index + 2], slots[2 * index + 3]];
    return from < 0 || to < 0 ? undefined : text.slice(from, to);
  });
  return { start: at, end, groups: [text.slice(at, end), ...groups], names: regex.names };
}

/** The first match at or behind `from`, as Python's `re.search`. */
export function search(regex: Regex, text: string, from: number, budget: Budget): Match | undefined {
  for (let start = from; start <= text.length; start++) {
    const match = matchAt(regex, text, start, budget);
    if (match !== undefined) return match;
  }
  return undefined;
}
