import type { Argument, Command, Option } from "commander";

export interface Candidate {
  value: string;
  /** What it is, for shells that show that. */
  says: string;
}

/** What the shell finds by itself; `nospace`: more follows a candidate. */
export type Ways = "files" | "directories" | "playbooks" | "nospace";

/** What has been typed before. */
export interface Typed {
  command: string;
  positionals: readonly string[];
  /** Values of options by their long names, in their order. */
  options: ReadonlyMap<string, readonly string[]>;
}

export interface Sources {
  /** Hosts and groups of the inventory. */
  hosts(typed: Typed): Promise<Candidate[]>;
  groups(typed: Typed): Promise<Candidate[]>;
  runs(typed: Typed): Promise<Candidate[]>;
  volumes(typed: Typed): Promise<Candidate[]>;
  modules(): Candidate[];
  /** `name=` for each argument of a module. */
  fields(module: string): Candidate[];
}

interface Found {
  candidates: Candidate[];
  way?: Ways;
}

/** What can stand where the last of the words is being typed, from the commands themselves. */
export async function candidatesFor(program: Command, words: readonly string[], sources: Sources): Promise<Found> {
  const current = words.at(-1) ?? "";
  const { command, typed, open } = walk(program, words.slice(0, -1));
  const inline = /^(--[\w-]+)=(.*)$/s.exec(current);
  const option = open ?? command.options.find(({ long }) => inline !== null && long === inline[1]);
  const begun = open === undefined && inline !== null && option !== undefined ? (inline[2] ?? "") : current;
  const prefix = current.slice(0, current.length - begun.length);
  const found =
    option !== undefined && (open !== undefined || inline !== null)
      ? await valuesOf(option.argChoices, nameOf(option), begun, typed, sources)
      : current.startsWith("-")
        ? { candidates: optionsOf(command) }
        : await wordsOf(command, current, typed, sources);
  const candidates = found.candidates
    .filter(({ value }) => value.startsWith(begun))
    .map((each) => ({ ...each, value: prefix + each.value }));
  return { ...found, candidates };
}

/** Follows the words through the commands; `open`: the last one is an option that wants a value. */
function walk(
  program: Command,
  words: readonly string[],
): { command: Command; typed: Typed; open: Option | undefined } {
  let command = program;
  const names: string[] = [];
  let positionals: string[] = [];
  const options = new Map<string, string[]>();
  let open: Option | undefined;
  for (const word of words) {
    const [name = "", value] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    const option = command.options.find((each) => each.long === name || each.short === name);
    if (open !== undefined && !(open.optional && word.startsWith("-"))) {
      take(options, open, word);
      open = undefined;
      continue;
    }
    open = undefined;
    if (option !== undefined && (option.required || option.optional)) {
      if (value === undefined) open = option;
      else take(options, option, value);
    } else if (!word.startsWith("-")) {
      const next = positionals.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (next === undefined) positionals.push(word);
      else {
        command = next;
        names.push(word);
        positionals = [];
      }
    }
  }
  // A value that may be left out is no reason not to offer other words.
  return {
    command,
    typed: { command: names.join(" "), positionals, options },
    open: open?.optional ? undefined : open,
  };
}

function take(options: Map<string, string[]>, { long }: Option, value: string): void {
  options.set(long ?? "", [...(options.get(long ?? "") ?? []), value]);
}

function optionsOf(command: Command): Candidate[] {
  const shown = command.createHelp().visibleOptions(command);
  return shown.flatMap(({ long, short, description }) =>
    [long, short].flatMap((value) => (value ? [{ value, says: description }] : [])),
  );
}

async function wordsOf(command: Command, current: string, typed: Typed, sources: Sources): Promise<Found> {
  if (command.commands.length > 0 && typed.positionals.length === 0) {
    const shown = command.createHelp().visibleCommands(command);
    return { candidates: shown.map((each) => ({ value: each.name(), says: each.description() })) };
  }
  const last = command.registeredArguments.at(-1);
  const argument: Argument | undefined =
    command.registeredArguments[typed.positionals.length] ?? (last?.variadic ? last : undefined);
  if (argument === undefined) return { candidates: [] };
  return valuesOf(argument.argChoices, argument.name(), current, typed, sources);
}

/** The word that stands for an option's value in help says what it is. */
function nameOf({ flags }: Option): string {
  return /[<[]([\w-]+)/.exec(flags)?.[1] ?? "";
}

async function valuesOf(
  choices: readonly string[] | undefined,
  name: string,
  begun: string,
  typed: Typed,
  sources: Sources,
): Promise<Found> {
  if (choices !== undefined) return { candidates: choices.map((value) => ({ value, says: "" })) };
  switch (name) {
    case "pattern": {
      const volumes = typed.command === "volumes" ? await sources.volumes(typed) : [];
      return { candidates: [...(await partsOf(begun, typed, sources)), ...volumes] };
    }
    case "subject":
      return { candidates: [...(await sources.volumes(typed)), ...(await sources.hosts(typed))] };
    case "group":
      return { candidates: await sources.groups(typed) };
    case "node":
    case "host":
      return { candidates: await sources.hosts(typed) };
    case "run":
      return { candidates: await sources.runs(typed) };
    case "module":
      return { candidates: sources.modules() };
    case "arguments": {
      const [, module = ""] = typed.positionals;
      const given = typed.options.get("--module-name")?.at(-1);
      return { candidates: sources.fields(given ?? module), way: "nospace" };
    }
    case "playbook":
      return { candidates: [], way: "playbooks" };
    case "dir":
      return { candidates: [], way: "directories" };
    case "path":
    case "file":
      return { candidates: [], way: "files" };
    default:
      return { candidates: [] };
  }
}

/** Of a pattern only the part behind the last separator is completed. */
async function partsOf(begun: string, typed: Typed, sources: Sources): Promise<Candidate[]> {
  const before = /^.*[,:](?:[&!])?|^[&!]/s.exec(begun)?.[0] ?? "";
  const special = [{ value: "all", says: "every host" }, ...(ofNodes.has(typed.command) ? [] : failed)];
  const names = [...(await sources.groups(typed)), ...(await sources.hosts(typed)), ...special];
  const seen = new Set<string>();
  return names.flatMap(({ value, says }) => {
    if (seen.has(value)) return [];
    seen.add(value);
    return [{ value: before + value, says }];
  });
}

/** Commands whose pattern is of enrolled nodes, and not of a run. */
const ofNodes = new Set(["nodes", "facts", "health", "volumes", "drive list"]);
const failed: readonly Candidate[] = [{ value: "@failed", says: "what failed in the last run" }];
