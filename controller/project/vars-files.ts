import { type CompiledValue, compiledLayer } from "../template/compiled-value.ts";
import type { Scope } from "../template/scope.ts";
import { didYouMean } from "../template/suggest.ts";
import { type Context, findFile, joinPath, openFile } from "./context.ts";
import type { VariableMap } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

interface Place {
  files: Context["files"];
  folder: string;
  /** Of the play itself: names of files may be made of them. */
  vars: VariableMap;
  scope: Scope;
}

/** `vars_files`: files of variables, later ones over earlier ones; of a list within the list, the first that is there. */
export function readVariableFiles(reader: Reader, entry: YamlEntry | undefined, place: Place): VariableMap {
  const found = new Map<string, CompiledValue>();
  if (entry === undefined) return found;
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  for (const node of nodes) {
    const path = choose(reader, entry, node, place);
    const opened = path === undefined ? undefined : openFile(reader, place.files, path);
    if (opened === undefined) continue;
    const { root } = opened;
    for (const [name, value] of opened.reader.vars({ key: "vars_files", keyAt: root.at, value: root }))
      found.set(name, value);
  }
  return found;
}

function choose(reader: Reader, entry: YamlEntry, node: YamlNode, place: Place): string | undefined {
  const nodes = node.is === "list" ? node.items : [node];
  const scope = place.scope.with(compiledLayer(place.vars));
  const names = nodes.flatMap((each) => {
    const template = reader.template({ ...entry, value: each });
    const text = template && reader.compiled(() => template.render(scope));
    return text === undefined ? [] : [text];
  });
  if (names.length < nodes.length) return undefined;
  const found = findFile(
    place.files,
    names.map((name) => joinPath(place.folder, name)),
  );
  if (found !== undefined) return found;
  const [first = ""] = names;
  return reader.problem(
    node.at,
    names.length === 1 ? `there is no file '${first}'` : `there is none of ${names.join(", ")}`,
    didYouMean(joinPath(place.folder, first), Object.keys(place.files)),
  );
}
