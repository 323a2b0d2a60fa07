import fc, { type Arbitrary } from "fast-check";
import type { Case } from "./case.ts";

/** Names that statements set; no variable has them. */
const locals = ["v1", "v2", "v3"];
const local = fc.constantFrom(...locals);
const text = fc.constantFrom(
  ...["a", " ", "\n", "  ", "\n  ", " \n", "\t", "x y", "{", "}", "%", "#", "-", "é", "\\", "'", "a\n\n", "\r\n"],
);
const sign = fc.constantFrom("", "", "", "-", "+");
const endSign = fc.constantFrom("", "", "", "-", "+");
const space = fc.constantFrom(" ", "", "\n", "  ");

const joined = (...parts: (Arbitrary<string> | string)[]): Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((all) => all.join(""));

/** `{% … %}` with signs. */
const tag = (inside: Arbitrary<string> | string) => joined("{%", sign, " ", inside, " ", endSign, "%}");

const { list, truth, value } = fc.letrec<Record<"number" | "words" | "list" | "truth" | "value", string>>((tie) => ({
  number: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom("n", "zero", "base", "host.ports.tcp", "numbers[0]", "1", "0x10", "1_0", "(words | length)", "-2"),
    joined("(", tie("number"), fc.constantFrom(" + ", " - ", " * "), tie("number"), ")"),
    joined("(", tie("number"), fc.constantFrom(" // ", " % "), "7)"),
    joined("(", tie("list"), " | length)"),
    joined("(", tie("number"), " if ", tie("truth"), " else ", tie("number"), ")"),
    joined("(", local, " | default(", tie("number"), ") | int)"),
  ),
  words: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom("name", "text", "nothing", "quoted", "'x'", "'a' \"b\"", "host.name", "words[1]", "ini", "nil"),
    joined("(", tie("value"), " ~ ", tie("value"), ")"),
    joined(
      "(",
      tie("words"),
      fc.constantFrom(" | upper", " | trim", " | default('d', true)", " | replace('a', 'b')"),
      ")",
    ),
    joined("(", tie("list"), " | join('", fc.constantFrom(",", "", "\\n"), "'))"),
    joined("(", tie("words"), " if ", tie("truth"), " else 'no'", ")"),
    joined("(", local, " | default('u') | string)"),
  ),
  list: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(
      "words",
      "numbers",
      "empty",
      "nested[0]",
      "drives | map(attribute='id') | list",
      "listing",
      "range(3) | list",
    ),
    joined("[", tie("value"), ", ", tie("value"), "]"),
    joined("(", tie("list"), ")[1:]"),
    joined("(", tie("list"), " + ", tie("list"), ")"),
    joined("query('items', ", tie("list"), ")"),
  ),
  truth: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(
      "yes",
      "no",
      "n",
      "nothing",
      "empty",
      "words",
      "nil",
      "host is mapping",
      "name is defined",
      "v9 is defined",
    ),
    joined("(", tie("number"), fc.constantFrom(" < ", " == ", " >= ", " != "), tie("number"), ")"),
    joined("(", tie("value"), fc.constantFrom(" in ", " not in "), tie("list"), ")"),
    joined("(", tie("truth"), fc.constantFrom(" and ", " or "), tie("truth"), ")"),
    joined("(not ", tie("truth"), ")"),
    joined("(", local, " is ", fc.constantFrom("defined", "undefined", "not defined"), ")"),
    joined(tie("number"), " is ", fc.constantFrom("even", "odd", "divisibleby 3", "divisibleby(2)")),
  ),
  value: fc.oneof(tie("number"), tie("words"), tie("list"), fc.constantFrom("yes", "nil", "host.ports", "half")),
}));

const item = fc.constantFrom("i", "j");
const loopPart = fc.constantFrom(
  ...["index", "index0", "revindex", "first", "last", "length", "depth", "cycle('a', 'b')", "nextitem | default('-')"],
);
const included = fc.constantFrom(
  "'hello.j2'",
  "'nested.j2'",
  "'in-loop.j2'",
  "['none.j2', 'hello.j2']",
  "'none.j2' ignore missing",
);

const printed = fc.oneof({ weight: 5, arbitrary: value }, joined(value, " if ", truth));
const print = joined("{{", sign, space, printed, space, fc.constantFrom("", "-"), "}}");
const { body } = fc.letrec<Record<"body" | "statement", string>>((tie) => ({
  body: fc.array(tie("statement"), { maxLength: 4 }).map((parts) => parts.join("")),
  statement: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    { weight: 4, arbitrary: text },
    { weight: 3, arbitrary: print },
    joined("{#", sign, " c ", endSign, "#}"),
    joined(
      tag("raw").map((open) => open.replace(/\+%\}/, "%}")),
      text,
      "{{ x }}",
      text,
      tag("endraw"),
    ),
    tag(joined("set ", local, " = ", value)),
    joined("{{ ", local, " | default('unset') }}"),
    joined(tag(joined("if ", truth)), tie("body"), tag("else"), tie("body"), tag("endif")),
    joined(tag(joined("if ", truth)), tie("body"), tag(joined("elif ", truth)), tie("body"), tag("endif")),
    joined(tag(joined("for ", item, " in ", list)), tie("body"), "{{ i | default('') }}", tie("body"), tag("endfor")),
    joined(
      tag(joined("for i in ", list, " if ", truth)),
      "{{ loop.",
      loopPart,
      " }}",
      tie("body"),
      tag("else"),
      tie("body"),
      tag("endfor"),
    ),
    joined(tag("for k, v in host.ports.items()"), "{{ k }}={{ v }}", tie("body"), tag("endfor")),
    joined(
      tag(joined("for i in ", list)),
      tie("body"),
      tag(joined("if ", truth)),
      tag(fc.constantFrom("break", "continue")),
      tag("endif"),
      tie("body"),
      tag("endfor"),
    ),
    joined(tag(joined("set ", local)), tie("body"), tag("endset")),
    joined(tag(joined("set ", local, " | upper")), tie("body"), tag("endset")),
    joined(tag(joined("with ", local, " = ", value)), tie("body"), tag("endwith")),
    joined(tag(fc.constantFrom("filter upper", "filter trim | replace('a', 'b')")), tie("body"), tag("endfilter")),
    joined(
      tag(joined("macro m(a, b=", value, ")")),
      "{{ a }}{{ b }}",
      tie("body"),
      tag("endmacro"),
      "{{ m(",
      value,
      ") }}",
    ),
    joined(
      tag("macro c()"),
      "<{{ caller(1) }}>",
      tie("body"),
      tag("endmacro"),
      tag("call(q) c()"),
      "{{ q }}",
      tie("body"),
      tag("endcall"),
    ),
    tag(joined("include ", included)),
    joined(tag(joined("import 'macros.j2' as t", fc.constantFrom("", " with context"))), "{{ t.line(", value, ") }}"),
    joined(
      tag("set ns = namespace(a=0)"),
      tag(joined("for i in ", list)),
      tag("set ns.a = ns.a + 1"),
      tie("body"),
      tag("endfor"),
      "{{ ns.a }}",
    ),
  ),
}));

const settings = fc.record({
  trim_blocks: fc.boolean(),
  lstrip_blocks: fc.boolean(),
  newline_sequence: fc.constantFrom("\n", "\n", "\r\n", "\r"),
});

/** Templates that nobody wrote: statements within each other over the variables, with text and signs that move white space. */
export const template: Arbitrary<Case> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ template: body, is: fc.constant("file" as const), settings }) },
  {
    weight: 1,
    // Where texts of playbooks have backslashes, Ansible writes them anew, and loses what signs stripped before `raw`.
    arbitrary: fc.record({
      template: body.filter((each) => !each.includes("\\")),
      is: fc.constant("argument" as const),
      settings: fc.constant({}),
    }),
  },
);
