import type { Draw } from "../../contract/walks/draw.ts";

const marks = [
  "\n",
  "\t",
  " ",
  "  ",
  "\r\n",
  "\r",
  ":",
  ": ",
  "- ",
  "{",
  "}",
  "[",
  "]",
  "{{",
  "}}",
  "{%",
  "%}",
  "{#",
  "#",
  "'",
  '"',
];
const yaml = [
  "&a ",
  "*a",
  "<<: ",
  "!vault ",
  "!!int ",
  "!unsafe ",
  "!!python/object:os ",
  "|\n",
  ">-\n",
  "---\n",
  "...\n",
  "%YAML 1.2\n",
];
const odd = [
  "\0",
  "\ufeff",
  "\ud800",
  "\udc00",
  "é",
  "\u2028",
  "\u0085",
  "\u{1f600}",
  "\x1b[31m",
  "\\",
  "\\u0000",
  "\x7f",
];
const values = [
  "~",
  "null",
  "yes",
  "0x",
  "0o9",
  "1e999",
  "-1",
  "9".repeat(400),
  ".inf",
  "=",
  ",",
  "@",
  "`",
  "1_000",
  "12:30:45",
  "2001-01-01",
];
const names = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "prototype",
  "all",
  "hosts",
  "vars",
  "ansible_group_priority",
  "$ANSIBLE_VAULT;",
];
const code = [
  "(",
  ")",
  "|map(",
  " is ",
  "not ",
  " if ",
  " else ",
  "**",
  "//",
  "range(9)",
  "~(a+)+$",
  "[1:",
  ":9]",
  "a[0:",
  "lookup('",
  "{% for x in y %}",
  "{% endfor %}",
];
const crumbs = [marks, yaml, odd, values, names, code];

/** A small piece of what is hard to read. */
export function crumb(draw: Draw): string {
  return draw.chance(0.9) ? draw.pick(draw.pick(crumbs)) : String.fromCharCode(draw.upTo(0x2ff));
}

/** A text that is nearly right: some of it is replaced, left out, doubled, put elsewhere. */
export function mutated(text: string, draw: Draw): string {
  let whole = text;
  for (let times = 1 + draw.upTo(4); times > 0; times--) {
    const from = draw.upTo(whole.length);
    const to = Math.min(whole.length, from + draw.upTo(draw.chance(0.2) ? 60 : 8));
    const put = draw.weighted<() => string>([
      [6, () => crumb(draw)],
      [2, () => ""],
      [1, () => whole.slice(from, to).repeat(2)],
      [1, () => pieceOf(whole, draw)],
      [1, () => crumb(draw).repeat(1 + draw.upTo(200))],
    ])();
    whole = whole.slice(0, from) + put + whole.slice(to);
  }
  return whole;
}

function pieceOf(text: string, draw: Draw): string {
  const lines = text.split("\n");
  return `${draw.pick(lines)}\n`;
}

/** Nothing of the kind. */
export function rubbish(draw: Draw): string {
  return Array.from({ length: draw.upTo(25) }, () => crumb(draw)).join("");
}

/** Texts that are known to be hard on a reader of YAML; each says of itself what it is. */
export function hardYaml(draw: Draw): string {
  const depth = 10 ** (1 + draw.upTo(3));
  return draw.pick<() => string>([
    () => `${"[".repeat(depth)}${"]".repeat(draw.upTo(depth))}`,
    () => `${"{a: ".repeat(depth)}1${"}".repeat(draw.upTo(depth))}`,
    () => Array.from({ length: Math.min(depth, 300) }, (_, level) => `${" ".repeat(level)}a:\n`).join(""),
    () => `${"- ".repeat(depth)}x\n`,
    () =>
      `a0: &a0 [x, x]\n${Array.from({ length: 1 + draw.upTo(30) }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]\n`).join("")}`,
    () => `a: &a {b: *a, <<: *a}\n`,
    () => `base: &b {x: 1}\nall: {<<: [*b, *b, {<<: *b}], x: 2}\n`,
    () => `a: 1\na: 2\n__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}\n`,
    () => `\ufeff- hosts: all\r\n  tasks:\r\n  - debug:\r\n      msg: "{{ x }}"\r\n`,
    () => `--- 1\n--- 2\n...\n--- 3\n`,
    () => `x: ${"9".repeat(depth)}\ny: 0x${"f".repeat(depth)}\nz: 1e${"9".repeat(depth)}\n`,
    () => `? [complex, key]\n: value\n? {a: b}\n: c\n`,
    () => `"${"\\x41\\u0042\\U0001F600\\e\\_".repeat(Math.min(depth, 100))}": "\\uD800"\n`,
    () => `k: |${draw.pick(["", "-", "+", "2", "9", "2-", "0"])}\n${" ".repeat(draw.upTo(9))}text\n`,
    () => `${"a".repeat(depth * 10)}: ${"b".repeat(depth * 10)}\n`,
    () => `${"# c\n".repeat(depth)}x: 1\n`,
    () => `x: "${"{{ a ".repeat(Math.min(depth, 200))}"\n`,
    () => `x: "{{ ${"(".repeat(depth)}1${")".repeat(depth)} }}"\n`,
  ])();
}
