import { choiceFields } from "../pairing/volume-arguments.ts";
import { templatePaths } from "../template/compiled-value.ts";
import { plainOf } from "../template/tagged.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { checkWritten } from "./check-arguments.ts";
import { readCall } from "./module-call.ts";
import type { Defaults } from "./module-defaults.ts";
import { plainTask } from "./plain-task.ts";
import type { Inheritable, Play, Task } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { nodeAt } from "./source-file.ts";
import { describeNode, entryOf, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

export const pairKeywords = ["initiators", "volumes", ...Object.keys(choiceFields)] as const;

/** Of a pair play: who imports, and a task for each volume. */
export interface PairPart {
  initiators: YamlEntry | undefined;
  volumes: Task[];
}

/** `pair:` of a play. What it says for all volumes is what their tasks need not say; `connect` adds up. */
export function readPair(play: Reader, entry: YamlEntry, inherited: Inheritable): PairPart {
  const reader = play.of(`pair of ${play.what}`);
  const nothing: PairPart = { initiators: undefined, volumes: [] };
  const { value: node } = entry;
  if (node.is !== "mapping")
    return reader.wrong(entry, "a mapping", "pair: { targets: …, initiators: …, volumes: […] }") ?? nothing;
  const keywords = reader.keywords(node.entries, pairKeywords, {});
  const initiators = keywords.get("initiators");
  const volumes = keywords.get("volumes");
  if (initiators === undefined)
    reader.problem(node.at, "it has no initiators", "initiators: a pattern of the nodes that import");
  if (volumes === undefined) reader.problem(node.at, "it has no volumes", "volumes: [{ name: data, size: 1TB }]");
  if (initiators === undefined || volumes === undefined) return nothing;
  if (volumes.value.is !== "list" || volumes.value.items.length === 0)
    return reader.wrong(volumes, "a list of volumes", "volumes: [{ name: data, size: 1TB }]") ?? nothing;
  const choices = [...keywords].filter(([key]) => key !== "initiators" && key !== "volumes").map(([, each]) => each);
  if (!areChoicesRight(reader, choices)) return { ...nothing, initiators };
  const names = new Set<string>();
  return {
    initiators,
    volumes: volumes.value.items.flatMap((item) => {
      const name = nameOf(item);
      if (name !== undefined && names.has(name)) reader.problem(item.at, `there are two volumes '${name}'`);
      if (name !== undefined) names.add(name);
      return readVolume(reader, item, choices, inherited) ?? [];
    }),
  };
}

/** What is wrong with them is told once, not for each volume. */
function areChoicesRight(reader: Reader, choices: readonly YamlEntry[]): boolean {
  const written = Object.fromEntries(choices.map(({ key, value }) => [key, nodeToJson(value)]));
  const issues = checkWritten("volume", plainOf(written), templatePaths(written)).filter(({ path }) =>
    Object.hasOwn(written, String(path[0])),
  );
  for (const { path, message, hint, isKey } of issues) {
    const entry = choices.find(({ key }) => key === path[0]);
    if (entry === undefined) continue;
    const at = nodeAt(entry.value, isKey === true ? path.slice(1, -1) : path.slice(1)).at;
    reader.problem(at, message, hint);
  }
  return issues.length === 0;
}

function nameOf(node: YamlNode): string | undefined {
  const name = entryOf(node, "name")?.value;
  return name?.is === "scalar" && name.value !== null ? String(name.value) : undefined;
}

function readVolume(
  pair: Reader,
  node: YamlNode,
  choices: readonly YamlEntry[],
  inherited: Inheritable,
): Task | undefined {
  if (node.is !== "mapping") return pair.problem(node.at, `a volume must be a mapping, got ${describeNode(node)}`);
  const name = nameOf(node);
  const reader = pair.of(name === undefined ? "the volume" : `volume '${name}'`);
  const targets = entryOf(node, "targets") ?? choices.find(({ key }) => key === "targets");
  const connect = choices.find(({ key }) => key === "connect")?.value;
  const value = withConnect(node, connect);
  const call = readCall(reader, { key: "volume", keyAt: node.at, value }, undefined, {
    is: "volume",
    name: "volume",
    targets: targets === undefined ? undefined : reader.value(targets.value),
    defaults: defaultsFrom(pair, node, choices),
  });
  if (call === undefined) return undefined;
  return {
    ...inherited,
    ...plainTask,
    place: pair.file.place(node.at),
    name: titleOf(name),
    module: call,
  };
}

function titleOf(name: string | undefined): Template {
  return compileTemplate(`volume ${name ?? ""}`.trim());
}

type Mapping = Extract<YamlNode, { is: "mapping" }>;

/** Options of its own connect are over those of the play's, of which the others stay. */
function withConnect(node: Mapping, connect: YamlNode | undefined): Mapping {
  const own = entryOf(node, "connect");
  if (own?.value.is !== "mapping" || connect?.is !== "mapping") return node;
  const names = new Set(own.value.entries.map(({ key }) => key));
  const both = [...own.value.entries, ...connect.entries.filter(({ key }) => !names.has(key))];
  const merged = { ...own, value: { ...own.value, entries: both } };
  return { ...node, entries: node.entries.map((entry) => (entry === own ? merged : entry)) };
}

/** What the play says for all of them, and this volume does not. */
function defaultsFrom(reader: Reader, node: YamlNode, choices: readonly YamlEntry[]): Defaults {
  return {
    written: Object.fromEntries(choices.map(({ key, value }) => [key, nodeToJson(value)])),
    placeAt: (path, offset) => {
      const entry = choices.find(({ key }) => key === path[0]);
      return entry === undefined
        ? reader.file.place(node.at)
        : reader.file.placeBelow(entry.value, path.slice(1), offset);
    },
  };
}

/** The tasks of a play that are volumes. */
export function volumeTasks({ tasks }: Pick<Play, "tasks">): Task[] {
  return tasks.flatMap((item) => (item.is === "task" && item.module.is === "volume" ? [item] : []));
}
