import { describe, expect, test } from "vitest";
import { LiveRedaction, Redaction } from "../../../../controller/run/redact.ts";
import { Secret } from "../../../../shared/secret.ts";

function redaction(vault: readonly string[], ...secrets: string[]): Redaction {
  const made = new Redaction(new Set(vault));
  for (const secret of secrets) made.add(new Secret(secret));
  return made;
}

describe("what a vault kept is hidden", () => {
  test("as it is, trimmed, within JSON, and line by line", () => {
    const made = redaction(['pass"word\n', "-----BEGIN-----\nbody-of-the-key\n"]);
    expect(made.text('x pass"word y')).toBe("x [secret] y");
    expect(made.text(JSON.stringify({ a: 'pass"word' }))).toBe('{"a":"[secret]"}');
    expect(made.json(["body-of-the-key", { body: ["-----BEGIN-----"] }])).toEqual(["[secret]", { body: ["[secret]"] }]);
  });

  test("whole, where one secret is the beginning of another", () => {
    expect(redaction(["abcd", "abcdefgh"]).text("abcdefgh abcd")).toBe("[secret] [secret]");
    expect(redaction([], "abcd", "abcdefgh").text("abcdefgh")).toBe("[secret]");
  });

  test("but for what is part of every other text", () => {
    expect(redaction(["yes", "1", "4420", ""]).json({ a: "yes 1", b: 4420 })).toEqual({ a: "yes 1", b: 4420 });
    expect(redaction(["123456"]).json({ pin: 123456, other: 7 })).toEqual({ pin: "[secret]", other: 7 });
  });

  test("also where it was read later", () => {
    const vault = new Set<string>();
    const made = new Redaction(vault);
    expect(made.text("late-secret")).toBe("late-secret");
    vault.add("late-secret");
    expect(made.text("late-secret")).toBe("[secret]");
  });

  test("in items, steps, errors and keys of results", () => {
    const result = redaction(["hidden-one"]).result({
      host: "h",
      outcome: "failed",
      item: "hidden-one",
      result: { "hidden-one": 1 },
      steps: [{ resource: "r", phase: "p", says: "write hidden-one", cost: "none" }],
      error: {
        code: "task_failed",
        message: "hidden-one",
        hint: "hidden-one",
        cause: { code: "internal", message: "hidden-one" },
      },
    });
    expect(JSON.stringify(result)).not.toContain("hidden-one");
  });

  test("as filters and programs write it", () => {
    const secret = `it's a "secret" of\\mine`;
    const made = redaction([secret]);
    const quoted = `'${secret.replaceAll("'", `'"'"'`)}'`;
    const python = `{'a': '${secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'}`;
    const encoded = Buffer.from(`${secret}\n`).toString("base64");
    expect(made.text(quoted)).toBe("'[secret]'");
    expect(made.text(python)).toBe("{'a': '[secret]'}");
    expect(made.text(`x=${encodeURIComponent(secret)}&y`)).toBe("x=[secret]&y");
    expect(made.text(encoded)).toMatch(/^\[secret\].{0,4}$/);
  });

  test("in a diff together with the lines that go: they may hold the secret of before", () => {
    const diff = { before: "a\nkey=older\nb\n", after: "a\nkey=the-newest\nb\n", before_header: "/etc/x" };
    const { result } = redaction(["the-newest"]).result({ host: "h", outcome: "changed", result: { diff } });
    expect(result).toEqual({
      diff: { before: "a\n[hidden]\nb\n", after: "a\nkey=[secret]\nb\n", before_header: "/etc/x" },
    });
    const other = redaction(["elsewhere"]).result({ host: "h", outcome: "changed", result: { diff } });
    expect(other.result).toEqual({ diff });
  });

  test("in a name, of which two stay apart", () => {
    const made = redaction(["first-secret", "other-secret"]);
    const [one, two] = ["first-secret", "other-secret"].map((name) => made.distinct(name, Buffer.alloc(32)));
    expect(one).toMatch(/^\[secret\]#[0-9a-f]{16}$/);
    expect(two).not.toBe(one);
    expect(made.distinct("plain", Buffer.alloc(32))).toBe("plain");
  });

  test("whatever characters it has", () => {
    const odd = "a.b*c$(d)[e]{f}|^\\/+?";
    expect(redaction([odd]).text(`<${odd}>`)).toBe("<[secret]>");
  });
});

describe("live output that comes in pieces", () => {
  function live(vault: readonly string[]) {
    const shown: string[] = [];
    return { shown, output: new LiveRedaction(redaction(vault), (text, stream) => shown.push(`${stream} ${text}`)) };
  }

  test("hides a secret that two pieces share, and shows each line when it is whole", () => {
    const { shown, output } = live(["split-secret"]);
    output.take("one\nsplit-", "stdout");
    output.take("of another", "stderr");
    output.take("secret two\n", "stdout");
    output.take("split-secret", "stdout");
    output.end();
    expect(shown).toEqual(["stdout one\n", "stdout [secret] two\n", "stdout [secret]", "stderr of another"]);
  });

  test("passes as it comes where there is nothing to hide", () => {
    const { shown, output } = live([]);
    output.take("half a ", "stdout");
    output.take("line", "stdout");
    output.end();
    expect(shown).toEqual(["stdout half a ", "stdout line"]);
  });
});
