import { describe, expect, test } from "vitest";
import { withAnswers } from "../../../../controller/cli/ask-prompts.ts";
import type { AskOptions, Context } from "../../../../controller/cli/context.ts";
import { createPaint } from "../../../../controller/cli/paint.ts";
import { FlashfleetError } from "../../../../shared/errors.ts";

const playbook = `
- hosts: "{{ where }}"
  vars_prompt:
    - { name: where, prompt: Which hosts, default: all, private: false }
    - { name: token, confirm: true }
  tasks: [debug: { msg: hello }]
- hosts: all
  vars_prompt: [{ name: token, default: 5 }]
  tasks: [debug: { msg: hello }]
`;

async function ask(answers: string[] | undefined, extraVars: Record<string, string> = {}) {
  const asked: string[] = [];
  const answer = async (question: string, { hidden }: AskOptions) => {
    asked.push(`${question}${hidden ? "(hidden)" : ""}`);
    return answers?.shift();
  };
  const context: Context = {
    environment: { data: undefined, natsServer: undefined, path: "", cache: "", colours: false, user: "ann@desk" },
    paint: createPaint(false),
    out: () => undefined,
    say: (text) => asked.push(text.trim()),
    watched: false,
    width: 79,
    columns: 80,
    answer: answers === undefined ? undefined : answer,
    stop: new AbortController().signal,
  };
  const project = { files: { "p.yml": playbook }, playbooks: ["p.yml"], inventories: [], extraVars: [extraVars] };
  const { answers: given } = await withAnswers(context, project);
  return { asked, given };
}

describe("vars_prompt", () => {
  test("each play asks for its own, in their order; nothing is the default", async () => {
    expect(await ask(["", "s3cret", "s3cret", "x"])).toEqual({
      asked: ["Which hosts [all]: ", "token: (hidden)", "confirm token: (hidden)", "token: (hidden)"],
      given: [
        { play: 0, name: "where", value: "all" },
        { play: 0, name: "token", value: "s3cret" },
        { play: 1, name: "token", value: "x" },
      ],
    });
  });

  test("what differs is asked again", async () => {
    const { asked, given } = await ask(["db", "one", "two", "three", "three", ""]);
    expect(asked).toContain("the two answers differ");
    expect(given?.map(({ value }) => value)).toEqual(["db", "three", 5]);
  });

  test("-e answers beforehand", async () => {
    expect(await ask([], { where: "all", token: "t" })).toEqual({ asked: [], given: [] });
  });

  test("without a terminal the defaults are taken, and what has none is an error", async () => {
    expect((await ask(undefined, { token: "t" })).given).toEqual([{ play: 0, name: "where", value: "all" }]);
    await expect(ask(undefined)).rejects.toThrow(FlashfleetError);
    await expect(ask(undefined)).rejects.toThrow("cannot ask for 'token': stdin is no terminal");
  });
});
