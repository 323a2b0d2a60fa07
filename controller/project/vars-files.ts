import { type ErrorData, FlashfleetError } from "../../shared/errors.ts";
import { type CompiledValue, compiledLayer } from "../template/compiled-value.ts";
import type { Scope } from "../template/scope.ts";
import { didYouMean } from "../template/suggest.ts";
import type { Template } from "../template/template.ts";
import { type Context, openFile } from "./context.ts";
import { findFile, joinPath } from "./paths.ts";
import type { VariableMap } from "./playbook.ts";
import { Reader } from "./reader.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

interface Place {
  files: Context["files"];
  folder: string;
  /** Of the play itself: names of files may be made of them. */
  vars: VariableMap;
  /** Of what is known before any host is. */
  scope: Scope;
}

export interface VariableFiles {
  vars: VariableMap;
  /** Of files that each host names by variables of its own, with those behind them. Throws the mistakes in them. */
  ofHost: ((scope: Scope) => VariableMap) | undefined;
}

/** One file, or several of which the first that is there counts. */
interface Choice {
  node: YamlNode;
  names: readonly Template[];
}

/** `vars_files`: files of variables, later ones over earlier ones; of a list within the list, the first that is there. */
export function readVariableFiles(reader: Reader, entry: YamlEntry | undefined, place: Place): VariableFiles {
  const vars = new Map<string, CompiledValue>();
  if (entry === undefined) return { vars, ofHost: undefined };
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  const choices = nodes.map((node): Choice => {
    const each = node.is === "list" ? node.items : [node];
    return { node, names: each.flatMap((value) => reader.template({ ...entry, value }) ?? []) };
  });
  const scope = place.scope.with(compiledLayer(place.vars));
  const known = choices.findIndex(({ names }) => names.some((name) => rendered(name, scope) === undefined));
  const late = known < 0 ? [] : choices.slice(known);
  for (const choice of choices.slice(0, choices.length - late.length)) {
    const path = choose(reader, choice, scope, place);
    for (const [name, value] of path === undefined ? [] : variablesOf(reader, path, place)) vars.set(name, value);
  }
  return { vars, ofHost: late.length === 0 ? undefined : readLate(reader, late, place) };
}

function readLate(reader: Reader, choices: readonly Choice[], place: Place): (scope: Scope) => VariableMap {
  const read = new Map<string, VariableMap>();
  return (scope) => {
    const vars = new Map<string, CompiledValue>();
    for (const choice of choices) {
      // As in Ansible: a variable that the host does not have yet leaves the file out.
      if (choice.names.some((name) => rendered(name, scope) === undefined)) continue;
      const problems: ErrorData[] = [];
      const own = new Reader(reader.file, reader.what, problems, reader.keyring);
      const path = choose(own, choice, scope, place);
      const found = path === undefined ? new Map() : (read.get(path) ?? variablesOf(own, path, place));
      const [first] = problems;
      if (first !== undefined)
        throw new FlashfleetError(first.code, first.message, { hint: first.hint, place: first.place });
      if (path !== undefined) read.set(path, found);
      for (const [name, value] of found) vars.set(name, value);
    }
    return vars;
  };
}

/** Undefined where a variable in it is. */
function rendered(name: Template, scope: Scope): string | undefined {
  try {
    return name.render(scope);
  } catch {
    return undefined;
  }
}

function variablesOf(reader: Reader, path: string, { files }: Place): VariableMap {
  const opened = openFile(reader, files, path);
  if (opened === undefined) return new Map();
  const { root } = opened;
  return opened.reader.vars({ key: "vars_files", keyAt: root.at, value: root });
}

function choose(reader: Reader, { node, names }: Choice, scope: Scope, { files, folder }: Place): string | undefined {
  const texts = names.flatMap((name) => reader.compiled(() => name.render(scope)) ?? []);
  if (texts.length < names.length || texts.length === 0) return undefined;
  // As in Ansible: the folder vars first.
  const paths = texts.flatMap((name) => [joinPath(folder, `vars/${name}`), joinPath(folder, name), joinPath("", name)]);
  const found = findFile(files, paths);
  if (found !== undefined) return found;
  const [first = ""] = texts;
  return reader.problem(
    node.at,
    texts.length === 1 ? `there is no file '${first}'` : `there is none of ${texts.join(", ")}`,
    didYouMean(joinPath(folder, first), Object.keys(files)),
  );
}
