import { describe, expect, test } from "vitest";
import { adhocPlaybook } from "../../../../controller/project/adhoc.ts";
import { checkArguments } from "../../../../controller/project/check-arguments.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";

const key = formatDhchapKey(new Uint8Array(32));

describe("evaluated arguments", () => {
  test("are parsed, with defaults; text becomes a number or a boolean where one is wanted", () => {
    expect(checkArguments("nvmet_port", { address: "10.0.0.1", id: "1", service_id: 4421 })).toEqual({
      ok: true,
      arguments: { id: 1, transport: "tcp", address: "10.0.0.1", service_id: "4421", state: "present" },
      secrets: {},
    });
    expect(checkArguments("nvmet_subsystem", { nqn: "a", allow_any_host: "yes", serial: 123 })).toMatchObject({
      ok: true,
      arguments: { allow_any_host: true, serial: "123" },
    });
  });

  test("give secrets apart, and never in an issue", () => {
    const good = checkArguments("nvmet_host", { nqn: "a", dhchap_key: key });
    expect(good).toMatchObject({ ok: true, arguments: { nqn: "a", state: "present" } });
    expect(good.ok ? good.secrets.dhchap_key?.reveal() : undefined).toBe(key);
    const bad = checkArguments("nvmet_host", { nqn: "a", dhchap_key: "hunter2" });
    expect(bad).toMatchObject({ ok: false, issues: [{ path: ["dhchap_key"] }] });
    expect(JSON.stringify(bad)).not.toContain("hunter2");
  });

  test("are told what is wrong, all at once", () => {
    expect(checkArguments("nvmet_port", { id: -1, transport: 5, junk: 1 })).toEqual({
      ok: false,
      issues: [
        { path: ["id"], message: "'id' must be at least 0, got -1" },
        { path: ["transport"], message: "'transport' must be tcp, rdma, fc or loop, got 5" },
        { path: ["address"], message: "'address' is missing" },
        {
          path: ["junk"],
          isKey: true,
          message: "there is no argument 'junk'",
          hint: "there are id, transport, address_family, address, service_id, treq, tsas, inline_data_size, max_queue_size, ana_groups, referrals, override, state",
        },
      ],
    });
    expect(checkArguments("nvmet_port", [1])).toMatchObject({ ok: false });
    expect(checkArguments("nvmet_port", JSON.parse('{"address": "a", "__proto__": {"id": 1}}'))).toMatchObject({
      ok: false,
    });
  });
});

describe("a command line's task", () => {
  const args = (module: string, words: string[], line?: string) => {
    const task = adhocPlaybook({ pattern: "all", module, words, line }).plays[0]?.tasks[0];
    return task?.is === "task" ? task.module.arguments.evaluate(new Scope([])) : undefined;
  };

  test.each<[string, string, string[], string | undefined, unknown]>([
    ["words", "nvmet_port", ["address=10.0.0.1", "id=1"], undefined, { address: "10.0.0.1", id: "1" }],
    ["a value with spaces", "debug", ["msg=hello world"], undefined, { msg: "hello world" }],
    [
      "a JSON value",
      "nvmet_subsystem",
      ["nqn=a", 'namespaces=[{"nsid": 1}]'],
      undefined,
      { nqn: "a", namespaces: [{ nsid: 1 }] },
    ],
    ["one JSON mapping", "kernel_module", ['{"name": ["nvmet"]}'], undefined, { name: ["nvmet"] }],
    [
      "a bare command",
      "command",
      ["ls", "-l", "a b", "chdir=/tmp", "if=x"],
      undefined,
      { chdir: "/tmp", cmd: "ls -l 'a b' if=x" },
    ],
    ["a line with quotes", "debug", [], `msg="a 'b' c"`, { msg: "a 'b' c" }],
    ["a line with a template", "debug", [], "msg={{ 1 + 1 }}", { msg: 2 }],
    ["a line for a command", "command", [], "echo 'a b' creates=/x", { creates: "/x", cmd: "echo 'a b'" }],
  ])("%s", (_, module, words, line, value) => {
    expect(args(module, words, line)).toEqual(value);
  });

  test.each([
    ["nvmet_prt", [], "cannot run 'nvmet_prt': it is no module"],
    ["nvmet_port", ["up"], "cannot run nvmet_port: 'up' is no name=value"],
    ["nvmet_port", ["adress=1"], "cannot run nvmet_port: 'address' is missing; there is no argument 'adress'"],
    ["debug", ["{nope"], "cannot read the arguments '{nope': they begin like JSON and are none"],
  ])("%s %j is refused", (module, words, told) => {
    expect(() => args(module, words)).toThrow(told);
  });
});
