import { FlashfleetError } from "../../shared/errors.ts";
import type { Scope } from "../template/scope.ts";
import { plainOf } from "../template/tagged.ts";
import { compileExpression, compileTemplate, type Template } from "../template/template.ts";
import { checkNotify } from "./check-notify.ts";
import { checkTemplates } from "./check-templates.ts";
import type { Context, Scene } from "./context.ts";
import { readHandlers } from "./handlers.ts";
import { readInheritable } from "./inherit.ts";
import { readItems, readItemsOf } from "./items.ts";
import { laterForPlays, playKeywords } from "./keywords.ts";
import { readPair } from "./pair.ts";
import { folderOf } from "./paths.ts";
import { hostOrders, type Inheritable, type Play } from "./playbook.ts";
import { readPrompts } from "./prompts.ts";
import type { Reader } from "./reader.ts";
import { readRoles } from "./role.ts";
import { serialProblem } from "./serial.ts";
import { readVariableFiles } from "./vars-files.ts";
import type { Keyring } from "./vault/keyring.ts";
import { describeNode, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** What a play is read with. */
export interface PlaySource {
  files: Context["files"];
  /** Of the playbook that holds it. */
  path: string;
  /** From import_playbook. */
  inherited: Inheritable;
  /** Variables that are known before any host is: `-e`. */
  scope: Scope;
  /** Opens what a vault encrypted. */
  keyring?: Keyring | undefined;
}

/** One play of a playbook; undefined where it cannot run, with its mistakes told. */
export function readPlay(playbook: Reader, node: YamlNode, source: PlaySource): Play | undefined {
  if (node.is !== "mapping") return playbook.problem(node.at, `a play must be a mapping, got ${describeNode(node)}`);
  const reader = playbook.named("play", node);
  const keywords = reader.keywords(node.entries, playKeywords, laterForPlays);
  const written = keywords.get("pair");
  if (written === undefined && !keywords.has("hosts")) reader.problem(node.at, "it has no hosts", "hosts: all");
  const folder = folderOf(source.path);
  const own = readInheritable(reader, ofTasks(keywords), source.inherited);
  const { tags } = own;
  const pair = written === undefined ? undefined : readPair(reader, written, own);
  const stray = pair === undefined ? undefined : keywords.get("hosts");
  if (stray !== undefined)
    reader.problem(stray.keyAt, "it has hosts and a pair", "the hosts of a pair play are its initiators");
  const hosts = readHosts(reader, pair === undefined ? keywords.get("hosts") : pair.initiators);
  const scene: Scene = { roles: [], handlers: [], expected: [] };
  const context: Context = {
    files: source.files,
    folders: [folder],
    playbookFolder: folder,
    inherited: { ...own, anyErrorsFatal: source.inherited.anyErrorsFatal },
    scene,
    roles: new Set(),
    trail: [],
    readItems: readItemsOf,
  };
  const roles = readRoles(reader, keywords.get("roles"), context);
  const vars = new Map([...source.inherited.vars, ...reader.vars(keywords.get("vars"))]);
  const fromFiles = readVariableFiles(reader, keywords.get("vars_files"), { ...source, folder, vars });
  scene.roles.push(...roles.map(({ role }) => role));
  scene.handlers.push(
    ...roles.flatMap(({ handlers }) => handlers),
    ...readHandlers(reader, keywords.get("handlers"), context),
  );
  // Volumes need no facts of their hosts; what stands beside them may.
  const gathersFacts =
    pair === undefined || ["roles", "pre_tasks", "tasks", "post_tasks"].some((key) => keywords.has(key));
  const play = {
    place: reader.file.place(node.at),
    name: reader.template(keywords.get("name")),
    gatherFacts: reader.flag(keywords.get("gather_facts")) ?? compileExpression(String(gathersFacts)),
    isPair: pair !== undefined,
    vars: new Map([...vars, ...fromFiles.vars]),
    varsOfHost: fromFiles.ofHost,
    prompts: readPrompts(reader, keywords.get("vars_prompt")),
    tags,
    roleNames: roles.map(({ role }) => role.name),
    roles: scene.roles,
    preTasks: readItems(reader, keywords.get("pre_tasks"), context),
    tasks: [
      ...(pair?.volumes ?? []),
      ...roles.flatMap(({ tasks }) => tasks),
      ...readItems(reader, keywords.get("tasks"), context),
    ],
    postTasks: readItems(reader, keywords.get("post_tasks"), context),
    handlers: scene.handlers,
    forceHandlers: reader.flag(keywords.get("force_handlers")),
    strategy: reader.oneOf(keywords.get("strategy"), ["linear", "free"]) ?? "linear",
    order: reader.oneOf(keywords.get("order"), hostOrders) ?? "inventory",
    serial: readSerial(reader, keywords.get("serial")),
    anyErrorsFatal: reader.flag(keywords.get("any_errors_fatal")),
    maxFailPercentage: reader.number(keywords.get("max_fail_percentage"), 0, 100),
    noLog: reader.flag(keywords.get("no_log")),
  };
  if (scene.expected !== undefined)
    checkNotify(reader, [...play.preTasks, ...play.tasks, ...play.postTasks], [...play.handlers, ...scene.expected]);
  checkTemplates(reader, [...play.preTasks, ...play.tasks, ...play.postTasks, ...play.handlers], {
    files: source.files,
    place: play.place,
  });
  return hosts === undefined ? undefined : { ...play, hosts };
}

/** Variables of a play are weaker than its tasks', and its `any_errors_fatal` is its own. */
function ofTasks(keywords: ReadonlyMap<string, YamlEntry>): ReadonlyMap<string, YamlEntry> {
  return new Map([...keywords].filter(([key]) => key !== "vars" && key !== "any_errors_fatal" && key !== "no_log"));
}

function readHosts(reader: Reader, entry: YamlEntry | undefined): Template | undefined {
  if (entry === undefined) return undefined;
  if (entry.value.is !== "list") return reader.template(entry);
  const texts = entry.value.items.map((item) =>
    item.is === "scalar" && item.value !== null ? String(item.value) : undefined,
  );
  if (texts.length === 0 || texts.includes(undefined)) return reader.wrong(entry, "a pattern or a list of patterns");
  const text = texts.join(",");
  return reader.compiled(() => compileTemplate(text, () => reader.file.place(entry.value.at)));
}

function readSerial(reader: Reader, entry: YamlEntry | undefined) {
  if (entry === undefined) return undefined;
  const serial = reader.value(entry.value);
  const problem = serial.isConstant ? serialProblem(plainOf(nodeToJson(entry.value))) : undefined;
  if (problem !== undefined) return reader.problem(entry.value.at, `${problem}, got ${describeNode(entry.value)}`);
  return serial;
}

/** The pattern that a play's `hosts` gives: text, or a list of texts. Throws `bad_template` or `bad_playbook`. */
export function patternOf(play: Play, scope: Scope): string {
  const value = play.hosts.evaluate(scope);
  const texts = [value].flat();
  if (texts.length > 0 && texts.every((text) => typeof text === "string" && text.trim() !== "")) return texts.join(",");
  throw new FlashfleetError("bad_playbook", `cannot tell the hosts of a play: ${play.hosts.text} gives no pattern`, {
    hint: "hosts is a pattern or a list of patterns",
    place: play.place,
  });
}
