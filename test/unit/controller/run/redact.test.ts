import { describe, expect, test } from "vitest";
import { Redaction } from "../../../../controller/run/redact.ts";
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

  test("whatever characters it has", () => {
    const odd = "a.b*c$(d)[e]{f}|^\\/+?";
    expect(redaction([odd]).text(`<${odd}>`)).toBe("<[secret]>");
  });
});
