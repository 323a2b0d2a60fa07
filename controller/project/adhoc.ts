import { FlashfleetError } from "../../shared/errors.ts";
import { compileValue } from "../template/compiled-value.ts";
import { didYouMean } from "../template/suggest.ts";
import { compileExpression, compileTemplate } from "../template/template.ts";
import type { Json } from "../template/value.ts";
import { checkWritten } from "./check-arguments.ts";
import { nothingInherited } from "./inherit.ts";
import { readValue, splitKeyValue } from "./key-values.ts";
import { readArgumentLine } from "./module-call.ts";
import { bareOf, findModule, type ModuleName, moduleNames, schemaOf } from "./modules.ts";
import { plainTask } from "./plain-task.ts";
import type { ModuleCall, Play, Playbook } from "./playbook.ts";

export interface AdhocInput {
  pattern: string;
  module: string;
  /** Words of the command line: `name=value`, one JSON mapping, or what the module takes bare. */
  words?: readonly string[];
  /** All arguments in one text, as `-a` has them. */
  line?: string | undefined;
}

/** The playbook of one task that `exec PATTERN MODULE k=v…` stands for. Throws `bad_argument` with all mistakes. */
export function adhocPlaybook({ pattern, module: name, words = [], line }: AdhocInput): Playbook {
  const module = findModule(name);
  if (module === undefined) {
    const hint = didYouMean(name, moduleNames) ?? `the modules are ${moduleNames.join(", ")}`;
    throw new FlashfleetError("bad_argument", `cannot run '${name}': it is no module`, { hint });
  }
  const json = { ...(line === undefined ? {} : fromLine(module.name, line)), ...fromWords(module.name, words) };
  const args = compileValue(json);
  const [first, ...others] = checkWritten(module.name, json, args.templates);
  if (first !== undefined) {
    const reason = [first, ...others].map(({ message }) => message).join("; ");
    throw new FlashfleetError("bad_argument", `cannot run ${module.name}: ${reason}`, { hint: first.hint });
  }
  return playbookOf(pattern, { ...module, arguments: args });
}

function fromLine(module: ModuleName, line: string): Readonly<Record<string, Json>> {
  const whole = jsonMapping(line);
  if (whole !== undefined) return whole;
  const args = readArgumentLine(line, module);
  if (typeof args !== "string") return args;
  throw new FlashfleetError("bad_argument", `cannot run ${module}: '${args}' is no name=value`);
}

function fromWords(module: ModuleName, words: readonly string[]): Readonly<Record<string, Json>> {
  const [only] = words;
  const whole = words.length === 1 && only !== undefined ? jsonMapping(only) : undefined;
  if (whole !== undefined) return whole;
  const bare = bareOf(module);
  const names = Object.keys(schemaOf(module).shape);
  const values: [string, Json][] = [];
  const rest: string[] = [];
  for (const word of words) {
    const pair = splitKeyValue(word);
    if (pair !== undefined && (bare === undefined || names.includes(pair[0])))
      values.push([pair[0], readValue(pair[1])]);
    else if (bare !== undefined) rest.push(word);
    else
      throw new FlashfleetError("bad_argument", `cannot run ${module}: '${word}' is no name=value`, {
        hint: `its arguments are ${names.join(", ")}`,
      });
  }
  if (bare !== undefined && rest.length > 0)
    values.push([bare, rest.length === 1 ? (rest[0] ?? "") : rest.map(quoted).join(" ")]);
  return Object.fromEntries(values);
}

/** The shell took the quotes away; the module's line needs them again. */
function quoted(word: string): string {
  return /^[^\s'"\\]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function jsonMapping(text: string): Readonly<Record<string, Json>> | undefined {
  if (!/^\s*\{(?!\{)/.test(text)) return undefined;
  const value = readValue(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw new FlashfleetError("bad_argument", `cannot read the arguments '${text}': they begin like JSON and are none`);
}

function playbookOf(pattern: string, module: ModuleCall): Playbook {
  const place = "command line";
  const task = {
    ...nothingInherited,
    ...plainTask,
    place,
    name: compileTemplate(module.name),
    module,
  };
  const play: Play = {
    place,
    name: compileTemplate("exec"),
    vars: new Map(),
    varsOfHost: undefined,
    prompts: [],
    tags: [],
    hosts: compileTemplate(pattern),
    gatherFacts: compileExpression("false"),
    isPair: false,
    roleNames: [],
    roles: [],
    preTasks: [],
    tasks: [task],
    postTasks: [],
    handlers: [],
    forceHandlers: undefined,
    strategy: "linear",
    order: "inventory",
    serial: undefined,
    anyErrorsFatal: undefined,
    maxFailPercentage: undefined,
    noLog: undefined,
  };
  return { file: place, plays: [play] };
}
