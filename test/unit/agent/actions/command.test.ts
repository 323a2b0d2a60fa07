import { describe, expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import { splitCommand } from "../../../../agent/actions/split-command.ts";
import { deadlineIn, systemClock } from "../../../../shared/clock.ts";
import type { Json } from "../../../../shared/protocol/json.ts";
import { modelNode } from "../../../support/agent-node.ts";

const files = { "/srv/there": "x", "/srv/lines": "one\ntwo\n" };

async function command(args: Json, more: { millis?: number; check?: boolean } = {}) {
  const seen: string[] = [];
  const answer = await runAction("command", args, {
    system: modelNode({ files }),
    clock: systemClock,
    deadline: deadlineIn(systemClock, more.millis ?? 5000),
    check: more.check ?? false,
    job: {
      progress: (text, stream) => seen.push(`${stream}: ${text}`),
      effect: async () => {
        seen.push("effect");
      },
    },
  });
  return { answer, seen };
}

describe("a command line", () => {
  test.each<[string, string[]]>([
    ["uname -r", ["uname", "-r"]],
    ["  two   spaces ", ["two", "spaces"]],
    ["echo 'a b' \"c d\"", ["echo", "a b", "c d"]],
    ["echo a'b'\"c\"", ["echo", "abc"]],
    ["echo ''", ["echo", ""]],
    ["echo a\\ b \\'", ["echo", "a b", "'"]],
    ['echo "a\\"b" "a\\b" \'\\n\'', ["echo", 'a"b', "a\\b", "\\n"]],
    ["echo $HOME | wc *", ["echo", "$HOME", "|", "wc", "*"]],
    ["", []],
  ])("%s is split as a shell would, with nothing expanded", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  test("with an open quote is refused", () => {
    expect(() => splitCommand("echo 'a")).toThrow("cannot split the command \"echo 'a\": a ' is not closed");
  });
});

describe("command", () => {
  test("gives the exit code, both outputs and their lines, live as well", async () => {
    const { answer, seen } = await command({ cmd: "cat /srv/lines" });
    expect(answer).toEqual({
      outcome: "changed",
      result: {
        cmd: ["cat", "/srv/lines"],
        rc: 0,
        stdout: "one\ntwo",
        stderr: "",
        stdout_lines: ["one", "two"],
        stderr_lines: [],
      },
    });
    expect(seen).toEqual(["effect", "stdout: one\ntwo\n"]);
  });

  test("fails with another exit code than 0, and keeps what was said", async () => {
    const { answer } = await command({ argv: ["cat", "/srv/no"] });
    expect(answer).toMatchObject({
      outcome: "failed",
      result: { rc: 1, stdout: "", stderr: "cat: /srv/no: ENOENT" },
      error: { code: "command_failed", message: "cat ended with exit code 1" },
    });
  });

  test("takes words as they are, and what it is given to read", async () => {
    expect((await command({ argv: ["echo", "a  b", "$c"] })).answer.result).toMatchObject({ stdout: "a  b $c" });
    expect((await command({ cmd: "cat", stdin: "from the task" })).answer.result).toMatchObject({
      stdout: "from the task",
    });
  });

  test.each<[string, object, string]>([
    ["creates names what is there", { creates: "/srv/there" }, "skipped, since /srv/there exists"],
    ["removes names what is not there", { removes: "/srv/no" }, "skipped, since /srv/no does not exist"],
  ])("is not run where %s", async (_, more, stdout) => {
    const { answer, seen } = await command({ cmd: "echo ran", ...more });
    expect(answer).toMatchObject({ outcome: "ok", result: { rc: 0, stdout } });
    expect(seen).toEqual([]);
  });

  test.each<[string, object]>([
    ["creates names what is not there", { creates: "/srv/no" }],
    ["creates names something below a file", { creates: "/srv/there/below" }],
    ["removes names what is there", { removes: "/srv/there" }],
  ])("is run where %s", async (_, more) => {
    expect((await command({ cmd: "echo ran", ...more })).answer).toMatchObject({
      outcome: "changed",
      result: { stdout: "ran" },
    });
  });

  test("is not run in a check, and says that it cannot be predicted", async () => {
    const { answer, seen } = await command({ cmd: "echo ran" }, { check: true });
    expect(answer).toMatchObject({ outcome: "ok", result: { skipped: true } });
    expect(seen).toEqual([]);
  });

  test.each<[string, Json, number, string, string]>([
    [
      "a program that is not there",
      { cmd: "mkfs.nosuch /dev/x" },
      5000,
      "command_failed",
      "cannot run mkfs.nosuch: there is no such program",
    ],
    [
      "a program that does not end in time",
      { cmd: "sleep 60" },
      20,
      "deadline",
      "cannot finish sleep: its time is over, and it was ended",
    ],
    ["no command", {}, 5000, "bad_argument", "cannot run a command: none is given"],
    [
      "a field that there is not",
      { cmd: "true", shell: true },
      5000,
      "bad_message",
      'cannot do command: Unrecognized key: "shell"',
    ],
  ])("refuses %s", async (_, args, millis, code, message) => {
    await expect(command(args, { millis })).rejects.toMatchObject({ code, message });
  });
});

test("an action that this agent does not know is refused", async () => {
  const context = {
    system: modelNode(),
    clock: systemClock,
    deadline: 0,
    check: false,
    job: { progress: () => {}, effect: async () => {} },
  };
  for (const name of ["hibernate", "debug", "toString"]) {
    expect(() => runAction(name, {}, context)).toThrow(`cannot do ${name}: this agent has no such action`);
  }
});
