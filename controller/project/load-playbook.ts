import type { ErrorData } from "../../shared/errors.ts";
import { didYouMean } from "../template/suggest.ts";
import { readInheritable } from "./inherit.ts";
import { inheritableKeywords } from "./inheritable-keywords.ts";
import { laterForPlays } from "./keywords.ts";
import { findFile, folderOf, joinPath } from "./paths.ts";
import { type PlaySource, readPlay } from "./play.ts";
import type { Play, Playbook } from "./playbook.ts";
import { Reader } from "./reader.ts";
import { parseYaml } from "./yaml.ts";
import { describeNode, entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

type Source = Omit<PlaySource, "path">;

/** A playbook with those that it imports; its mistakes go to `errors`. */
export function loadPlaybook(path: string, source: Source, errors: ErrorData[]): Playbook {
  return { file: path, plays: readPlays(path, source, errors, []) };
}

function readPlays(path: string, source: Source, errors: ErrorData[], trail: readonly string[]): Play[] {
  if (!Object.hasOwn(source.files, path)) {
    errors.push({ code: "not_found", message: `cannot read the playbook '${path}': there is no such file` });
    return [];
  }
  const { file, root, problems } = parseYaml(path, source.files[path] ?? "", "bad_playbook", {
    keyring: source.keyring,
  });
  errors.push(...problems);
  const reader = new Reader(file, path, errors, source.keyring);
  if (root === undefined) {
    if (problems.length === 0) reader.problem(0, "it is empty", "a playbook is a list of plays: - hosts: all");
    return [];
  }
  if (root.is !== "list") {
    const hint = "begin each play with a dash: - hosts: all";
    reader.problem(root.at, `a playbook is a list of plays, got ${describeNode(root)}`, hint);
    return [];
  }
  return root.items.flatMap((node) => {
    const imported = importOf(node);
    if (imported !== undefined) return importPlays(reader, node, imported, source, errors, [...trail, path]);
    return readPlay(reader, node, { ...source, path }) ?? [];
  });
}

function importOf(node: YamlNode): YamlEntry | undefined {
  return entryOf(node, "import_playbook") ?? entryOf(node, "ansible.builtin.import_playbook");
}

/** The plays of another file; conditions, variables and tags go down to their tasks. */
function importPlays(
  playbook: Reader,
  node: YamlNode,
  entry: YamlEntry,
  source: Source,
  errors: ErrorData[],
  trail: readonly string[],
): Play[] {
  if (node.is !== "mapping") return [];
  const reader = playbook.named("import", node);
  const rest = node.entries.filter((each) => each !== entry);
  const keywords = reader.keywords(rest, ["name", ...inheritableKeywords], laterForPlays);
  const written = reader.template(entry);
  const name = written && reader.compiled(() => written.render(source.scope));
  if (name === undefined) return [];
  const path = findFile(source.files, [joinPath(folderOf(reader.file.name), name)]);
  if (path === undefined) {
    reader.problem(entry.value.at, `there is no playbook '${name}'`, didYouMean(name, Object.keys(source.files)));
    return [];
  }
  if (trail.includes(path)) {
    reader.problem(entry.value.at, `'${path}' imports itself: ${[...trail, path].join(" → ")}`);
    return [];
  }
  const inherited = readInheritable(reader, keywords, source.inherited);
  return readPlays(path, { ...source, inherited }, errors, trail);
}
