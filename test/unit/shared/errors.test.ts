import { describe, expect, test } from "vitest";
import { type ErrorData, renderError } from "../../../shared/errors.ts";

const error = (message: string, cause?: ErrorData): ErrorData => ({
  code: "internal",
  message,
  ...(cause === undefined ? {} : { cause }),
});

describe("an error for people", () => {
  test.each<[string, ErrorData, string]>([
    ["has its place and its hint", { ...error("a"), place: "p.yaml:1:2", hint: "h" }, "p.yaml:1:2: a\n  hint: h"],
    ["has its causes, the nearest first", error("a", error("b", error("c"))), "a\n  because: b\n  because: c"],
    [
      "does not repeat what its message says",
      error("cannot x: it is busy", error("it is busy", error("a host is connected"))),
      "cannot x: it is busy\n  because: a host is connected",
    ],
  ])("%s", (_, given, text) => {
    expect(renderError(given)).toBe(text);
  });
});
