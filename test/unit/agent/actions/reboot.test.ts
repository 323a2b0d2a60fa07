import { describe, expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import { intercept } from "../../../../agent/system/intercept.ts";
import { type Output, SystemError } from "../../../../agent/system/system.ts";
import type { JsonRecord } from "../../../../shared/protocol/json.ts";
import type { AgentNode } from "../../../support/agent-node.ts";
import { drivenNode, fastTime } from "../../../support/driven-node.ts";

interface Given {
  check?: boolean;
  covered?: string[];
  /** What programs end with; absent ones are not there. */
  codes?: Readonly<Record<string, number>>;
}

/** An answer, or what it threw, with what was seen until then. The machine never goes down. */
async function reboot(node: AgentNode, args: JsonRecord = {}, { check = false, covered, codes = {} }: Given = {}) {
  const { clock } = node.shop;
  const seen: string[] = [];
  async function* exec({ argv, environment }: { argv: readonly string[]; environment?: object | undefined }) {
    const path = Object(environment).PATH;
    seen.push([...argv, ...(path === undefined ? [] : [`PATH=${path}`])].join(" "));
    const code = codes[argv[0] ?? ""];
    if (code === undefined) throw new SystemError("ENOENT", argv[0] ?? "", "run");
    yield { is: "exit", code, signal: null } satisfies Output;
  }
  const began = clock.now();
  const job = { progress: () => {}, effect: async () => void seen.push("effect") };
  const system = intercept(node.shop.system, { exec });
  const done = runAction("reboot", args, { system, clock, deadline: began + 20_000, check, covered, job });
  const answer = await done.catch((error: unknown) => ({ outcome: "thrown", result: {}, error: Object(error) }));
  return { ...answer, seen, millis: clock.now() - began };
}

/** A target, and a host of another node that is connected to it. */
async function connectedTarget(): Promise<AgentNode> {
  const node = drivenNode(fastTime());
  await node.converge([
    { nvmet_port: { id: 1, address: "10.0.0.1" } },
    { nvmet_subsystem: { nqn: "nqn.s", allow_any_host: true, ports: [1] } },
  ]);
  const tcp = await node.system.read("/proc/net/tcp");
  const session =
    "   9: 0100000A:1144 0900000A:8000 01 00000000:00000000 00:00000000 00000000     0        0 9 1 0 100 0 0 10 0\n";
  const system = intercept(node.shop.system, {
    read: async (path) => (path === "/proc/net/tcp" ? tcp + session : node.system.read(path)),
  });
  return { ...node, shop: { ...node.shop, system } };
}

describe("reboot", () => {
  test("is on the disk before the first program runs, of which one after the other is tried", async () => {
    const { seen, error } = await reboot(drivenNode(fastTime()), { msg: "now" }, { codes: { shutdown: 1, reboot: 0 } });
    expect(seen).toEqual(["effect", "systemctl reboot --message=now", "shutdown -r now now", "reboot"]);
    // A machine that is still up then has not been rebooted.
    expect(error).toMatchObject({
      code: "deadline",
      message: "cannot reboot: the machine was told to, and is still up",
    });
  });

  test("says what each program said where none works", async () => {
    const { error } = await reboot(drivenNode(fastTime()), {}, { codes: { shutdown: 1 } });
    expect(error).toMatchObject({
      code: "command_failed",
      message: "cannot reboot: there is no systemctl; shutdown: it ended with exit code 1; there is no reboot",
    });
  });

  test("runs the command that is given, in the folders that are given, without a delay", async () => {
    const args = { reboot_command: "kexec -e 'a b'", search_paths: ["/opt/sbin", "/sbin"], pre_reboot_delay: 60 };
    const { seen, millis } = await reboot(drivenNode(fastTime()), args, { codes: { kexec: 0 } });
    expect(seen).toEqual(["effect", "kexec -e a b PATH=/opt/sbin:/sbin"]);
    expect(millis).toBeLessThan(21_000);
  });

  test("waits before it, for people to read what is coming", async () => {
    const { seen, millis } = await reboot(
      drivenNode(fastTime()),
      { pre_reboot_delay: 60 },
      { codes: { systemctl: 0 } },
    );
    expect(millis).toBeGreaterThanOrEqual(60_000);
    expect(seen[0]).toBe("effect");
  });

  test("in a check only says that it would", async () => {
    const { outcome, result, seen } = await reboot(drivenNode(fastTime()), {}, { check: true });
    expect({ outcome, result, seen }).toMatchObject({ outcome: "changed", result: { rebooted: true }, seen: [] });
  });
});

describe("a target to which a host is connected", () => {
  test.each([false, true])("is not rebooted, in a check (%s) neither, and the host is named", async (check) => {
    const { error, seen } = await reboot(await connectedTarget(), {}, { check });
    expect(seen).toEqual([]);
    expect(error).toMatchObject({
      code: "device_in_use",
      message:
        "cannot reboot: hosts are connected, and no other live path of theirs is known: 10.0.0.9 to 10.0.0.1:4420",
      hint: expect.stringContaining('override: ["10.0.0.1:4420"]'),
    });
  });

  test.each([
    ["the listener is named", { override: ["10.0.0.1:4420"] }, {}],
    ["the host is named", { override: ["10.0.0.9"] }, {}],
    ["the controller knows of its other path", {}, { covered: ["10.0.0.9"] }],
  ])("is rebooted where %s", async (_, args, given) => {
    const { seen } = await reboot(await connectedTarget(), args, { ...given, codes: { systemctl: 0 } });
    expect(seen[0]).toBe("effect");
  });

  test("is not where another host or listener is named", async () => {
    const { error } = await reboot(await connectedTarget(), { override: ["10.0.0.8", "10.0.0.1:4421"] });
    expect(error).toMatchObject({ code: "device_in_use" });
  });
});

test("a node that is connected to itself cuts off nobody else", async () => {
  const node = drivenNode(fastTime());
  await node.converge([
    { nvmet_port: { id: 1, address: "10.0.0.1" } },
    { nvmet_subsystem: { nqn: "nqn.s", allow_any_host: true, ports: [1] } },
    { nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }] } },
  ]);
  expect((await reboot(node, {}, { codes: { systemctl: 0 } })).seen[0]).toBe("effect");
});
