import { parseYaml } from "../../project/yaml.ts";
import type { YamlNode } from "../../project/yaml-node.ts";
import type { Budget } from "../budget.ts";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeFlag, takeWhole } from "../take.ts";
import { toJson } from "../text.ts";
import { Refusal, type Value } from "../value.ts";
import { writeYaml } from "../yaml/write.ts";
import type { Filter, Filters } from "./filter.ts";

/** Steps for each character that is read: nothing else that is done with a character takes as long as reading YAML. */
const stepsPerCharacter = 8;

function read(text: string, budget: Budget): Value {
  budget.spend(text.length * stepsPerCharacter);
  const { root, problems } = parseYaml("the text", text, "bad_template", { allowsDuplicates: true });
  const [problem] = problems;
  if (problem !== undefined) {
    const place = problem.place?.replace(/^the text:/, "line ").replace(/:(\d+)$/, ", column $1");
    throw new Refusal(
      `${problem.message.replace("cannot read the text", "the text is not YAML")} (${place})`,
      problem.hint,
    );
  }
  return root === undefined ? null : valueIn(root);
}

function valueIn(node: YamlNode): Value {
  if (node.is === "scalar") return node.tagged === undefined ? node.value : node.tagged.reveal();
  if (node.is === "list") return node.items.map(valueIn);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, valueIn(value)]));
}

/** The documents of a text: a line that begins with `---` begins one, wherever it stands. */
function documents(text: string): string[] {
  const [first = "", ...others] = text.split(/^(?=---(?:\s|$))/m);
  const parts = /^(?:\s*(?:[#%].*)?\n?)*$/.test(first) ? others : [first, ...others];
  return parts.map((part) => part.replaceAll(/^\.\.\.[ \t]*$/gm, ""));
}

function writes(names: readonly string[], layout: { indent: number; flow: boolean | undefined }): Filter {
  return {
    takes: names,
    does: (value: Value, args: CallArguments, { budget }: Evaluation) => {
      const option = (name: string) => argument(args, name === "indent" ? names.indexOf(name) : Infinity, name);
      const flow = option("default_flow_style");
      const text = writeYaml(
        toJson(defined(value), budget),
        {
          indent: indentOf(option("indent"), layout.indent),
          width: widthOf(option("width")),
          sortsKeys: takeFlag(option("sort_keys"), true),
          flow: flow === undefined ? layout.flow : flow === null ? undefined : takeFlag(flow, false),
        },
        budget,
      );
      return `${takeFlag(option("explicit_start"), false) ? "---\n" : ""}${text}${takeFlag(option("explicit_end"), false) ? "...\n" : ""}`;
    },
  };
}

/** As libyaml has it: what makes no sense is the default. */
function indentOf(value: Value | undefined, otherwise: number): number {
  const indent = value === undefined || value === null ? otherwise : takeWhole(value, "indent");
  return indent < 2 || indent > 9 ? 2 : indent;
}

function widthOf(value: Value | undefined): number {
  const width = value === undefined || value === null ? 80 : takeWhole(value, "width");
  return width < 0 ? Infinity : width < 20 ? 80 : width;
}

const layoutOptions = ["width", "sort_keys", "default_flow_style", "explicit_start", "explicit_end", "allow_unicode"];

function reads(does: (text: string, budget: Budget) => Value): Filter {
  return {
    takes: [],
    does: (value, _, { budget }) => (typeof defined(value) === "string" ? does(String(value), budget) : value),
  };
}

/** YAML, as PyYAML reads and writes it. */
export const yamlFilters: Filters = {
  to_yaml: writes([...layoutOptions, "indent"], { indent: 2, flow: undefined }),
  to_nice_yaml: writes(["indent", ...layoutOptions], { indent: 4, flow: false }),
  from_yaml: reads(read),
  from_yaml_all: reads((text, budget) => documents(text).map((part) => read(part, budget))),
};
