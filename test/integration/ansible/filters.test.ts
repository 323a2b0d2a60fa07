import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { filters as ourFilters } from "../../../controller/template/filters/filters.ts";
import { methods as ourMethods } from "../../../controller/template/methods.ts";
import { Scope, valueLayer } from "../../../controller/template/scope.ts";
import { compileTemplate } from "../../../controller/template/template.ts";
import { tests as ourTests } from "../../../controller/template/tests.ts";
import type { Json } from "../../../controller/template/value.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import { whyNoAnsible } from "../../support/ansible.ts";
import { collectionAnswers } from "../../support/collection-answers.ts";
import { differences as byDesign } from "./expressions/differences.ts";
import { lists } from "./expressions/lists.ts";
import { mappings, yamlTexts } from "./expressions/mappings.ts";
import { methods, tests } from "./expressions/tests.ts";
import { regexes, texts } from "./expressions/texts.ts";
import { values } from "./expressions/values.ts";
import { variables as common } from "./expressions/variables.ts";
import { askProgram } from "./reference.ts";

const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: expressions beside Ansible's: ${reason}\n`);

const variables = { ...common, variables_of_yaml: Object.fromEntries(yamlTexts.map((text) => [text, text])) };
const Answer = z.union([z.object({ value: z.json() }), z.object({ error: z.string() })]);
type Answer = z.infer<typeof Answer>;

function ours(expression: string): Answer {
  try {
    const value: Json = compileTemplate(`{{ ${expression} }}`).evaluate(new Scope([valueLayer(variables)]));
    return Answer.parse({ value });
  } catch (error) {
    if (error instanceof FlashfleetError) return { error: error.message };
    throw error;
  }
}

/** What Ansible 2.14 does not have yet, or only as an argument of 'regex'; held in the unit tests. */
const ofNewerVersions = new Set(["commonpath", "normpath", "fullmatch"]);
/** What changes a value in place; held in the unit tests, since a single expression shows nothing of it. */
const changing = new Set(["clear", "extend", "insert", "pop", "remove", "reverse", "setdefault", "sort"]);

const told = (answer: Answer) => ("error" in answer ? `refuses: ${answer.error}` : JSON.stringify(answer.value));
const agree = (a: Answer, b: Answer) => ("error" in a && "error" in b) || isDeepStrictEqual(a, b);

async function answers(expressions: readonly string[]): Promise<Answer[]> {
  return (await askProgram("expressions.py", [variables, ...expressions])).map((each) => Answer.parse(each));
}

async function differences(expressions: readonly string[]): Promise<string[]> {
  const theirs = await answers(expressions);
  return expressions.flatMap((expression, index) => {
    const [a, b] = [theirs[index] ?? { error: "no answer" }, ours(expression)];
    return agree(a, b) ? [] : [`${expression}\n  Ansible    ${told(a)}\n  flashfleet ${told(b)}`];
  });
}

test("every filter, test and method is in a table", () => {
  const all = [
    lists,
    mappings,
    texts,
    regexes,
    values,
    tests,
    methods,
    collectionAnswers().map((each) => each.expression),
  ];
  const text = [...all.flat(), ...byDesign.map(([expression]) => expression)].join("\n");
  const isThere = (form: string) => new RegExp(form).test(text);
  const names = (table: object) => Object.keys(table).filter((name) => !ofNewerVersions.has(name));
  const absent = [
    ...names(ourFilters).filter((name) => !isThere(`(\\| ?|map\\('|\\.)${name}\\b`)),
    ...names(ourTests).filter((name) => !isThere(`(is (not )?|(select|reject|attr)\\((|'[a-z.]+', )'|\\.)${name}`)),
    ...Object.values(ourMethods)
      .flatMap(names)
      .filter((name) => !isThere(`\\.${name}\\(`)),
  ];
  expect(absent.filter((name) => !changing.has(name))).toEqual([]);
});

describe.skipIf(reason !== undefined)("expressions give what Ansible's give", () => {
  test.each([
    ["filters of lists", lists],
    ["filters of mappings, JSON and YAML", mappings],
    ["filters of text", texts],
    ["regular expressions", regexes],
    ["filters of numbers and any value", values],
    ["tests", tests],
    ["methods", methods],
  ])("%s", async (_, expressions) => {
    expect(await differences(expressions)).toEqual([]);
  });

  test("what differs by design does so", async () => {
    const theirs = await answers(byDesign.map(([expression]) => expression));
    const wrong = byDesign.flatMap(([expression, wanted], index) => {
      const [own, other] = [ours(expression), theirs[index] ?? { error: "no answer" }];
      const fits = "error" in own ? own.error.includes(String(wanted)) : isDeepStrictEqual(own.value, wanted);
      return fits && !agree(own, other)
        ? []
        : [`${expression}\n  Ansible    ${told(other)}\n  flashfleet ${told(own)}`];
    });
    expect(wrong).toEqual([]);
  });

  test("what was recorded of collections is what they answer, where they are installed", async (context) => {
    const [first] = await answers(["'10.0.0.1' | ansible.utils.ipaddr"]);
    context.skip(first === undefined || "error" in first, "the collections are in Debian's package ansible");
    const recorded = collectionAnswers();
    const theirs = await answers(recorded.map(({ expression }) => expression));
    const found = recorded.filter(({ answer }, index) => {
      const other = theirs[index] ?? { error: "no answer" };
      return !isDeepStrictEqual("error" in other ? [] : [other.value], answer);
    });
    expect(found.map(({ expression }) => expression)).toEqual([]);
  });
});
