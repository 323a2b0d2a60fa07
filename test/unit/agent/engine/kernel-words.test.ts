import { describe, expect, test } from "vitest";
import { kernelWords } from "../../../../agent/engine/kernel-words.ts";
import { intercept } from "../../../../agent/system/intercept.ts";
import { type Op, type Output, type System, SystemError } from "../../../../agent/system/system.ts";
import { fixtureSystem } from "../../../support/fixture-system.ts";
import { ManualClock } from "../system/model/lab.ts";

const connect: Op = { op: "connect", options: { nqn: "nqn.s" } };
const link: Op = { op: "symlink", path: "/sys/kernel/config/nvmet/ports/1/subsystems/a", to: "/x" };
const enable: Op = { op: "write", path: "/sys/kernel/config/nvmet/subsystems/a/namespaces/1/enable", value: "1" };
const refused = (errno: string) => new SystemError(errno, "/dev/nvme-fabrics", "connect");

const refusal = [
  "[ 1000.000100] nvmet: connect by host h for subsystem nqn.s not allowed",
  "[ 1000.000200] nvme nvme0: Connect for subsystem nqn.s is not allowed, hostnqn: h",
  "[ 1000.000300] nvme nvme0: failed to connect queue: 0 ret=16772",
];

/** A machine that is up for so many seconds; `log` is what dmesg prints, or an errno. */
function machine(uptime: number, log: readonly string[] | string): System {
  async function* exec(): AsyncGenerator<Output> {
    if (typeof log === "string") throw new SystemError(log, "dmesg", "run");
    yield { is: "stdout", text: log.map((line) => `${line}\n`).join("") };
    yield { is: "exit", code: 0, signal: null };
  }
  return intercept(fixtureSystem({ "/proc/uptime": `${uptime}.00 12.00\n` }), { exec });
}

/** What is said of an op that was refused after so many milliseconds. */
async function words(system: System, op: Op, errno: string, took = 10): Promise<string[]> {
  const clock = new ManualClock();
  await clock.advance(took);
  return kernelWords({ system, clock }, op, refused(errno), 0);
}

describe("what the kernel logged about an op that it refused", () => {
  test("a connect: the initiator's lines, not the target's", async () => {
    expect(await words(machine(1000, refusal), connect, "EIO")).toEqual([
      "nvme nvme0: Connect for subsystem nqn.s is not allowed, hostnqn: h",
      "nvme nvme0: failed to connect queue: 0 ret=16772",
    ]);
  });

  test("a port: the target's lines", async () => {
    const log = ["[   50.500000] nvmet: transport type 1 not supported", "[   50.400000] nvme nvme0: other"];
    expect(await words(machine(50, log), link, "EINVAL")).toEqual(["nvmet: transport type 1 not supported"]);
  });

  test("a namespace, and a kernel that names who logs", async () => {
    const log = ["[   50.500000][  T812] nvmet: failed to open file /x: (-22)"];
    expect(await words(machine(50, log), enable, "EINVAL")).toEqual(["nvmet: failed to open file /x: (-22)"]);
  });

  test.each<[string, Op, string]>([
    ["an errno that says enough", connect, "ECONNREFUSED"],
    ["an op whose cause is not logged", { op: "mkdir", path: "/x" }, "EINVAL"],
    ["a link elsewhere", { ...link, path: "/sys/kernel/config/nvmet/subsystems/a/allowed_hosts/h" }, "EINVAL"],
  ])("nothing for %s", async (_, op, errno) => {
    expect(await words(machine(1000, refusal), op, errno)).toEqual([]);
  });

  test("nothing that is older than the op", async () => {
    expect(await words(machine(1030, refusal), connect, "EIO")).toEqual([]);
    expect(await words(machine(1030, refusal), connect, "EIO", 30_000)).toHaveLength(2);
  });

  test("not the lines of the connect before it", async () => {
    const log = ["[  990.000000] nvme nvme0: failed to connect queue: 0 ret=16770", ...refusal];
    expect(await words(machine(1000, log), connect, "EIO")).toHaveLength(2);
  });

  test("a clock that has drifted in a month", async () => {
    const month = 30 * 24 * 3600;
    const log = [`[${month}.000000] nvme nvme0: failed to connect queue: 0 ret=6`];
    expect(await words(machine(month + 200, log), connect, "EIO")).toHaveLength(1);
    expect(await words(machine(month + 400, log), connect, "EIO")).toEqual([]);
  });

  test("no more than four lines", async () => {
    const log = [1, 2, 3, 4, 5, 6].map((number) => `[ 1000.00000${number}] nvme nvme0: line ${number}`);
    expect(await words(machine(1000, log), connect, "EIO")).toEqual(
      [3, 4, 5, 6].map((number) => `nvme nvme0: line ${number}`),
    );
  });

  test("never a secret", async () => {
    const log = [
      "[ 1000.000000] nvme_fabrics: unknown parameter or missing value 'dhchap_secret=DHHC-1:00:x:' in ctrl creation request",
      "[ 1000.000001] nvme_fabrics: Invalid DH-CHAP secret abc",
    ];
    expect(await words(machine(1000, log), connect, "EINVAL")).toEqual([]);
  });

  test("nothing where there is no dmesg, or it may not be read", async () => {
    expect(await words(machine(1000, "ENOENT"), connect, "EIO")).toEqual([]);
    expect(await words(machine(1000, []), connect, "EIO")).toEqual([]);
    const without = intercept(machine(1000, refusal), { read: async () => Promise.reject(refused("ENOENT")) });
    expect(await words(without, connect, "EIO")).toEqual([]);
  });
});
