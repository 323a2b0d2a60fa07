import { expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import { deadlineIn, systemClock } from "../../../../shared/clock.ts";
import { modelNode } from "../../../support/agent-node.ts";

test.each([
  [{ LANG: "C", TOKEN: "a b" }, "TOKEN", { rc: 0, stdout: "a b" }],
  [{ LANG: "C" }, "TOKEN", { rc: 1, stdout: "" }],
  [undefined, "TOKEN", { rc: 1, stdout: "" }],
])("with the environment %j a program finds %s", async (environment, name, result) => {
  const answer = await runAction(
    "command",
    { argv: ["printenv", name] },
    {
      system: modelNode({}),
      clock: systemClock,
      deadline: deadlineIn(systemClock, 5000),
      job: { progress: () => undefined, effect: async () => undefined },
      environment,
      check: false,
    },
  );
  expect(answer.result).toMatchObject(result);
});
