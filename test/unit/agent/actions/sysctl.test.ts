import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runAction } from "../../../../agent/actions/actions.ts";
import { namedFiles } from "../../../../agent/actions/files/named.ts";
import { Foreseen } from "../../../../agent/actions/foreseen.ts";
import { pathOf, saysTheSame } from "../../../../agent/actions/sysctl/key.ts";
import { valueIn, withSetting } from "../../../../agent/actions/sysctl/lines.ts";
import { createLinuxSystem } from "../../../../agent/system/linux/linux-system.ts";
import type { ModelSystem } from "../../../../agent/system/model/model-system.ts";
import { Trial } from "../../../../agent/system/model/snapshot/trial.ts";
import type { System } from "../../../../agent/system/system.ts";
import { systemClock as clock, deadlineIn } from "../../../../shared/clock.ts";
import { isJsonRecord, type JsonRecord } from "../../../../shared/protocol/json.ts";
import { modelNode } from "../../../support/agent-node.ts";

const soon = () => deadlineIn(clock, 20_000);

async function act(args: JsonRecord, system: System, checking?: System) {
  const job = { progress: () => {}, effect: async () => {} };
  const context = { system, clock, deadline: soon(), check: checking !== undefined, job };
  const more = checking && { checking: { node: checking, clock, deadline: soon(), foreseen: new Foreseen() } };
  const answer = await runAction("sysctl", args, { ...context, ...more });
  return { outcome: answer.outcome, result: isJsonRecord(answer.result) ? answer.result : {} };
}

const file = "/etc/sysctl.d/90-storage.conf";
const before = "# of the installation\nvm.swappiness = 60\n\n;x\nnet/core/rmem_max=1\nvm.swappiness=40\n";

describe("on the model", () => {
  let node: ModelSystem;
  beforeEach(() => {
    node = modelNode({ files: { [file]: before } });
  });
  const kernel = (key: string) => node.read(pathOf(key));
  const settle = async (args: JsonRecord) => {
    const first = await act(args, node);
    expect((await act(args, node)).outcome).toBe("ok");
    return first;
  };

  test("sets the kernel and the file, says what changes, and leaves all other lines alone", async () => {
    const { outcome, result } = await settle({ name: "vm.swappiness", value: 10, sysctl_file: file });
    expect(outcome).toBe("changed");
    expect(result).toMatchObject({ name: "vm.swappiness", value: "10", state: "present" });
    expect(result.diff).toMatchObject([
      { before: "60\n", after: "10\n", after_header: "vm.swappiness (kernel)" },
      { before, after_header: `${file} (content)` },
    ]);
    expect(await kernel("vm.swappiness")).toBe("10\n");
    expect(await node.read(file)).toBe("# of the installation\nvm.swappiness=10\n\n;x\nnet/core/rmem_max=1\n");
  });

  test("knows a key that is written with slashes", async () => {
    await settle({ name: "net.core.rmem_max", value: "16777216", sysctl_file: file });
    expect(await node.read(file)).toBe(before.replace("net/core/rmem_max=1", "net.core.rmem_max=16777216"));
  });

  test("several numbers are compared without their blanks", async () => {
    expect(await settle({ name: "net.ipv4.tcp_rmem", value: "4096 131072 16777216" })).toMatchObject({
      outcome: "changed",
    });
    expect(await kernel("net.ipv4.tcp_rmem")).toBe("4096\t131072\t16777216\n");
    expect(await node.read("/etc/sysctl.conf")).toBe("net.ipv4.tcp_rmem=4096 131072 16777216\n");
  });

  test("without reload and sysctl_set only the file changes", async () => {
    const args = { name: "vm.swappiness", value: "1", reload: false, sysctl_file: file };
    expect((await settle(args)).result.diff).toMatchObject([{ before_header: `${file} (content)` }]);
    expect(await kernel("vm.swappiness")).toBe("60\n");
    expect(await settle({ ...args, sysctl_set: true })).toMatchObject({ outcome: "changed" });
    expect(await kernel("vm.swappiness")).toBe("1\n");
  });

  test("absent takes the line away and leaves the kernel as it is", async () => {
    await settle({ name: "vm.swappiness", state: "absent", sysctl_file: file });
    expect(await node.read(file)).toBe("# of the installation\n\n;x\nnet/core/rmem_max=1\n");
    expect(await kernel("vm.swappiness")).toBe("60\n");
  });

  test.each([
    ["out of its range", { name: "vm.swappiness", value: "900" }, "EINVAL"],
    ["no number", { name: "vm.swappiness", value: "much" }, "EINVAL"],
  ])("a value that is %s is refused, and the file stays", async (_, args, errno) => {
    await expect(act({ ...args, sysctl_file: file }, node)).rejects.toMatchObject({
      code: "kernel_refused",
      message: expect.stringContaining(errno),
    });
    expect(await node.read(file)).toBe(before);
  });

  test("huge pages that there is no memory for are refused, and given back", async () => {
    const args = { name: "vm.nr_hugepages", value: 1_000_000 };
    await expect(act(args, node)).rejects.toMatchObject({
      code: "kernel_refused",
      message: "cannot set vm.nr_hugepages to 1000000: the kernel took 1024 of 1000000, and has 0 again",
    });
    expect(await kernel("vm.nr_hugepages")).toBe("0\n");
    const { result } = await act({ ...args, ignoreerrors: true }, node);
    expect(result.msg).toBe("the kernel took 1024 of 1000000");
    expect(await kernel("vm.nr_hugepages")).toBe("1024\n");
  });

  test("an unknown key is told with the nearest one, or passed over", async () => {
    const args = { name: "vm.swapiness", value: 1, sysctl_file: file };
    await expect(act(args, node)).rejects.toMatchObject({ code: "not_found", hint: "did you mean vm.swappiness?" });
    const { result } = await settle({ ...args, ignoreerrors: true });
    expect(result.msg).toBe("the kernel does not know vm.swapiness");
    expect(await node.read(file)).toBe(`${before}vm.swapiness=1\n`);
  });

  test("a check foretells all of it, also to its later tasks, and changes nothing", async () => {
    const trial = await Trial.begin(node, clock);
    const tryIt = async (args: JsonRecord) => {
      await trial.learnFiles(namedFiles("sysctl", { sysctl_file: file, ...args })?.paths ?? [], false);
      return act({ sysctl_file: file, ...args }, trial.system, node);
    };
    expect(await tryIt({ name: "vm.swappiness", value: 10 })).toMatchObject({ outcome: "changed" });
    expect(await tryIt({ name: "vm.swappiness", value: 10 })).toMatchObject({ outcome: "ok" });
    expect(await tryIt({ name: "net.core.somaxconn", value: 4096 })).toMatchObject({
      result: { diff: [{ before_header: `${file} (content)` }] },
    });
    await expect(tryIt({ name: "vm.dirty_ratio", value: 101 })).rejects.toMatchObject({ code: "kernel_refused" });
    await expect(tryIt({ name: "vm.dirty_rato", value: 1 })).rejects.toMatchObject({
      hint: "did you mean vm.dirty_ratio?",
    });
    expect([await kernel("vm.swappiness"), await node.read(file)]).toEqual(["60\n", before]);
  });
});

/** The setting is one that hurts nobody, and is put back. */
const harmless = "net.core.message_cost";
const linux = createLinuxSystem({ clock });
const isWritable = await linux
  .read(pathOf(harmless))
  .then((value) => linux.do({ op: "write", path: pathOf(harmless), value: value.trim() }, soon()))
  .then(
    () => true,
    () => false,
  );

describe.skipIf(!isWritable)(`on this kernel${isWritable ? "" : " (SKIPPED: /proc/sys cannot be written)"}`, () => {
  let old: string;
  beforeEach(async () => {
    old = (await linux.read(pathOf(harmless))).trim();
  });
  afterEach(() => linux.do({ op: "write", path: pathOf(harmless), value: old }, soon()));
  /** Files are those of the model. */
  const system = (): System => {
    const model = modelNode();
    const isKernels = (path: string) => path.startsWith("/proc/sys/");
    return {
      ...linux,
      read: (path) => (isKernels(path) ? linux : model).read(path),
      stat: (path) => (isKernels(path) ? linux : model).stat(path),
      realpath: (path) => (isKernels(path) ? linux : model).realpath(path),
      do: (op, deadline) => ("path" in op && isKernels(op.path) ? linux : model).do(op, deadline),
    };
  };

  test("sets what is to be, once", async () => {
    const on = system();
    const args = { name: harmless, value: Number(old) + 1 };
    expect(await act(args, on)).toMatchObject({ outcome: "changed" });
    expect(await act(args, on)).toMatchObject({ outcome: "ok" });
    expect((await linux.read(pathOf(harmless))).trim()).toBe(String(Number(old) + 1));
  });

  test("is told what the kernel does not take, and what it does not know", async () => {
    await expect(act({ name: "vm.swappiness", value: "much" }, system())).rejects.toMatchObject({
      code: "kernel_refused",
      message: expect.stringContaining("EINVAL"),
    });
    await expect(act({ name: "vm.swapiness", value: 1 }, system())).rejects.toMatchObject({
      hint: "did you mean vm.swappiness?",
    });
  });
});

test.each([
  ["vm.swappiness", "/proc/sys/vm/swappiness"],
  ["net/core/rmem_max", "/proc/sys/net/core/rmem_max"],
  ["net.ipv4.conf.eth0/1.forwarding", "/proc/sys/net/ipv4/conf/eth0.1/forwarding"],
  ["net/ipv4/conf/eth0.1/forwarding", "/proc/sys/net/ipv4/conf/eth0.1/forwarding"],
  ["/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_forward"],
])("the key %s is %s", (key, path) => {
  expect(pathOf(key)).toBe(path);
});

test.each([
  ["4096\t87380\t6291456", "4096 87380 6291456", true],
  ["4\t4\t1\t7", "3", false],
  ["3\t4\t1\t7", "3", true],
  ["core", "core.%p", false],
  ["|/usr/bin/x %p", "|/usr/bin/x", false],
])("%j and %j say the same: %j", (current, wanted, same) => {
  expect(saysTheSame(current, wanted)).toBe(same);
});

test.each([
  ["the last line counts", "a.b=1\na.b = 2\n", "2"],
  ["comments do not", "#a.b=1\n; a.b=2\n", undefined],
  ["an error may be ignored", "-a.b = 3 4\n", "3 4"],
])("in a file %s", (_, text, value) => {
  expect(valueIn(text, "a.b")).toBe(value);
  expect(valueIn(withSetting(text, "a.b", "9"), "a.b")).toBe("9");
  expect(valueIn(withSetting(text, "a.b", undefined), "a.b")).toBeUndefined();
});
