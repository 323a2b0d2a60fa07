import { FlashfleetError } from "../../shared/errors.ts";
import type { Scope } from "../template/scope.ts";
import { compileExpression, compileTemplate, type Template } from "../template/template.ts";
import { laterForPlays, playKeywords } from "./keywords.ts";
import type { Play } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { serialProblem } from "./serial.ts";
import { readTasks } from "./task.ts";
import { describeNode, entryOf, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** One play of a playbook; undefined where it cannot run, with its mistakes told. */
export function readPlay(playbook: Reader, node: YamlNode): Play | undefined {
  if (node.is !== "mapping") return playbook.problem(node.at, `a play must be a mapping, got ${describeNode(node)}`);
  const named = entryOf(node, "name")?.value;
  const reader = playbook.of(named?.is === "scalar" && named.value !== null ? `play '${named.value}'` : "the play");
  const keywords = reader.keywords(node.entries, playKeywords, laterForPlays);
  const isLater = entryOf(node, "pair") !== undefined || entryOf(node, "import_playbook") !== undefined;
  if (!keywords.has("hosts") && !isLater) reader.problem(node.at, "it has no hosts", "hosts: all");
  const hosts = readHosts(reader, keywords.get("hosts"));
  const play = {
    place: reader.file.place(node.at),
    name: reader.template(keywords.get("name")),
    gatherFacts: reader.flag(keywords.get("gather_facts")) ?? compileExpression("true"),
    vars: reader.vars(keywords.get("vars")),
    tags: reader.words(keywords.get("tags")),
    preTasks: readTasks(reader, keywords.get("pre_tasks")),
    tasks: readTasks(reader, keywords.get("tasks")),
    postTasks: readTasks(reader, keywords.get("post_tasks")),
    serial: readSerial(reader, keywords.get("serial")),
    anyErrorsFatal: reader.flag(keywords.get("any_errors_fatal")),
    maxFailPercentage: reader.number(keywords.get("max_fail_percentage"), 0, 100),
    checkMode: reader.flag(keywords.get("check_mode")),
    noLog: reader.flag(keywords.get("no_log")),
  };
  return hosts === undefined ? undefined : { ...play, hosts };
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
  const problem = serial.isConstant ? serialProblem(nodeToJson(entry.value)) : undefined;
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
