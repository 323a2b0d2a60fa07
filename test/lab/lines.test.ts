import { expect, it } from "vitest";
import { Lines } from "./lines.ts";

const text = (value: string) => Buffer.from(value);

it("joins pieces into lines, and letters that were cut", async () => {
  const lines = new Lines("the text");
  const seen = lines.waitFor(/^gr(.*)n$/);
  const word = text("one\r\ngrün\nrest");
  lines.push(word.subarray(0, 8));
  lines.push(word.subarray(8));
  expect((await seen)[1]).toBe("ü");
  lines.end();
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  expect(all).toEqual(["one", "grün", "rest"]);
});

it("sees what came before, from a line on", async () => {
  const lines = new Lines("the text");
  lines.push(text("up 1\nup 2\n"));
  expect((await lines.waitFor(/up (\d)/))[1]).toBe("1");
  expect((await lines.waitFor(/up (\d)/, { from: 1 }))[1]).toBe("2");
});

it("shows the last lines where it waits in vain", async () => {
  const lines = new Lines("the text");
  lines.push(text("panic: no root\n"));
  await expect(lines.waitFor(/up/, { within: 1 })).rejects.toMatchObject({
    code: "deadline",
    message: expect.stringContaining("panic: no root"),
  });
  lines.end();
  await expect(lines.waitFor(/up/)).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("panic: no root"),
  });
});
