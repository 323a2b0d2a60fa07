import { expect, test } from "vitest";
import { createLogger } from "../../../shared/logger.ts";
import { Secret } from "../../../shared/secret.ts";

function capture() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

test("a line is one JSON object with the logger's name and the fields of its children", () => {
  const { lines, destination } = capture();
  createLogger({ name: "agent", destination }).child({ node: "n1" }).warn({ port: 4420 }, "port in use");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { name: "agent", node: "n1", port: 4420, msg: "port in use" },
  ]);
});

test("nothing is logged below the level", () => {
  const { lines, destination } = capture();
  createLogger({ name: "agent", level: "warn", destination }).info({}, "all is well");
  expect(lines).toEqual([]);
});

test("secrets are not logged, by their type or by the name of their field", () => {
  const { lines, destination } = capture();
  const log = createLogger({ name: "agent", destination });
  log.info(
    { token: "t0psecret", options: { dhchap_secret: "t0psecret", deeper: { password: "t0psecret" } } },
    "connecting",
  );
  log.child({ token: "t0psecret" }).info({ value: new Secret("t0psecret") }, "connected");
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toContain("t0psecret");
});
