import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LineEdit, withLine, withoutLine } from "../../../../agent/actions/files/edit-lines.ts";
import { modeFrom, showMode } from "../../../../agent/actions/files/mode.ts";

type Edit = Partial<LineEdit> & { line: string };
const none = { backrefs: false, firstmatch: false };

describe("a line", () => {
  test.each<[string, string, Edit, string]>([
    ["is added at the end", "a\n", { line: "b" }, "a\nb\n"],
    ["that is there stays", "a\nb\n", { line: "a" }, "a\nb\n"],
    ["ends what had no end", "a", { line: "b" }, "a\nb\n"],
    ["gets a newline where it is the last without one", "a\nb", { line: "b" }, "a\nb\n"],
    ["replaces the last that matches", "a1\na2\n", { line: "a3", regexp: "^a" }, "a1\na3\n"],
    [
      "replaces the first that matches, if wanted",
      "a1\na2\n",
      { line: "a3", regexp: "^a", firstmatch: true },
      "a3\na2\n",
    ],
    ["goes first", "a\n", { line: "b", insertbefore: "BOF" }, "b\na\n"],
    ["goes behind the last that matches", "a\na\nc\n", { line: "b", insertafter: "^a" }, "a\na\nb\nc\n"],
    ["goes before the last that matches, and leaves the end", "a\nc", { line: "b", insertbefore: "c" }, "a\nb\nc"],
    ["behind a last one without a newline is one of its own", "a", { line: "b", insertafter: "a" }, "a\nb\n"],
    ["takes groups", "x=7\n", { line: "x=\\1\\g<1>", regexp: "^x=(\\d)$", backrefs: true }, "x=77\n"],
    ["with groups and without a match is none", "y\n", { line: "x=\\1", regexp: "^x=(\\d)$", backrefs: true }, "y\n"],
    ["takes groups by name", "x=7\n", { line: "\\g<n>", regexp: "(?P<n>\\d)", backrefs: true }, "7\n"],
    ["knows (?i)", "ABC\n", { line: "x", regexp: "(?i)^abc$" }, "x\n"],
    ["knows that $ is before the newline and \\Z behind it", "a\n", { line: "b", regexp: "^a\\Z" }, "a\nb\n"],
    ["leaves Windows line ends of others", "a\r\nb\r\n", { line: "a" }, "a\nb\r\n"],
  ])("%s", (_, text, edit, wanted) => {
    const once = withLine(text, { ...none, ...edit });
    expect(once.text).toBe(wanted);
    expect(once.msg === "").toBe(text === wanted);
  });

  test.each(["[", "(?P<n", "(?x)a", "*"])("a regexp that is wrong is refused: %s", (regexp) => {
    expect(() => withLine("a\n", { ...none, line: "b", regexp })).toThrow(/^cannot use regexp/);
  });

  test("a group that is not there is refused", () => {
    const edit = { ...none, line: "\\2", regexp: "(a)", backrefs: true };
    expect(() => withLine("a\n", edit)).toThrow("regexp has no group 2");
  });

  test("is there afterwards, once more changes nothing, and it can be taken away", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "cc", "", "x\r"), { maxLength: 8 })
      .map((lines) => lines.join("\n"));
    const place = fc.constantFrom<Omit<Partial<LineEdit>, "line">>(
      {},
      { insertafter: "b" },
      { insertbefore: "c" },
      { insertbefore: "BOF" },
    );
    fc.assert(
      fc.property(text, fc.constantFrom("a", "new", "b b"), place, (before, line, where) => {
        const edit = { ...none, ...where, line };
        const once = withLine(before, edit);
        expect(once.text.split("\n")).toContain(line);
        expect(withLine(once.text, edit)).toEqual({ text: once.text, msg: "" });
        expect(withoutLine(once.text, edit).text.split("\n")).not.toContain(line);
      }),
    );
  });
});

describe("a mode", () => {
  test.each<[string, number, boolean, string]>([
    ["0644", 0o777, false, "0644"],
    ["1777", 0o755, true, "01777"],
    ["u=rw,g=r,o=", 0o777, false, "0640"],
    ["a+x", 0o644, false, "0755"],
    ["+x", 0o644, false, "0755"],
    ["go-rwx", 0o755, false, "0700"],
    ["u=rwX,g=rX", 0o600, false, "0640"],
    ["u=rwX,g=rX", 0o600, true, "0750"],
    ["g=u", 0o640, false, "0660"],
    ["u+s,+t", 0o755, false, "05755"],
    ["u+x-w", 0o644, false, "0544"],
    ["g=rx", 0o2755, true, "02755"],
  ])("%s on %i (directory: %s) is %s", (text, current, isDirectory, wanted) => {
    expect(showMode(modeFrom(text, current, isDirectory))).toBe(wanted);
  });
});
