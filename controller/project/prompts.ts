import { plainOf } from "../template/tagged.ts";
import type { Json } from "../template/value.ts";
import type { Prompt } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { entryOf, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

const known = ["name", "prompt", "default", "private", "confirm", "unsafe"];
const ownHash = "take the hash itself, from a variable of a vault";
const later = { encrypt: ownHash, salt: ownHash, salt_size: ownHash };

/** `vars_prompt`: variables of a play that whoever starts the run is asked for. */
export function readPrompts(reader: Reader, entry: YamlEntry | undefined): Prompt[] {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  if (entry.value.is === "list") return entry.value.items.flatMap((node) => readPrompt(reader, node) ?? []);
  reader.wrong(entry, "a list of questions", "- name: variable");
  return [];
}

function readPrompt(play: Reader, node: YamlNode): Prompt | undefined {
  if (node.is !== "mapping") return play.problem(node.at, "a question of vars_prompt is a mapping", "- name: variable");
  const reader = play.of(`vars_prompt of ${play.what}`);
  const found = reader.keywords(
    node.entries.filter(
      ({ key, value }) => !Object.hasOwn(later, key) || value.is !== "scalar" || value.value !== null,
    ),
    known,
    later,
  );
  const named = entryOf(node, "name");
  if (named === undefined) return reader.problem(node.at, "a question needs the variable's name", "name: variable");
  const name = reader.identifier(named);
  const given = found.get("default");
  const isTrue = (key: string, otherwise: boolean) => reader.constantFlag(found.get(key)) ?? otherwise;
  const prompt = {
    text: reader.text(found.get("prompt")),
    default: given === undefined ? undefined : defaultOf(plainOf(nodeToJson(given.value))),
    isPrivate: isTrue("private", true),
    isConfirmed: isTrue("confirm", false),
    isUnsafe: isTrue("unsafe", false),
    place: reader.file.place(node.at),
  };
  return name === undefined ? undefined : { ...prompt, name, text: prompt.text ?? name };
}

/** Nothing is no default. */
function defaultOf(value: Json): Json | undefined {
  return value ?? undefined;
}
