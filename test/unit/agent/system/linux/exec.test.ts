import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { watch } from "../../../../../agent/system/linux/changes.ts";
import { createLinuxSystem } from "../../../../../agent/system/linux/linux-system.ts";
import { systemPath } from "../../../../../agent/system/linux/tools.ts";
import { parseIpMonitorLine } from "../../../../../agent/system/linux/uevents.ts";
import type { Command, Output } from "../../../../../agent/system/system.ts";
import { type Clock, deadlineIn, systemClock } from "../../../../../shared/clock.ts";
import { Secret } from "../../../../../shared/secret.ts";

const system = createLinuxSystem({ clock: systemClock });
const exec = (command: Command, millis = 5000) => system.exec(command, deadlineIn(systemClock, millis));
const shell = (script: string, rest: Partial<Command> = {}): Command => ({ argv: ["sh", "-c", script], ...rest });

async function all(outputs: AsyncIterable<Output>): Promise<{ stdout: string; stderr: string; exit: unknown }> {
  const result = { stdout: "", stderr: "", exit: undefined as unknown };
  for await (const output of outputs) {
    if (output.is === "exit") result.exit = output.signal ?? output.code;
    else result[output.is] += output.text;
  }
  return result;
}

describe("running a program", () => {
  test("both outputs and the exit code", async () => {
    expect(await all(exec(shell("echo out; echo err >&2; exit 3")))).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      exit: 3,
    });
  });

  test("the signal that ended it", async () => {
    expect(await all(exec(shell("kill -TERM $$")))).toMatchObject({ exit: "SIGTERM" });
  });

  test("stdin, from a text or a secret, and the folder", async () => {
    expect(await all(exec(shell("cat; pwd", { stdin: "hello\n", cwd: tmpdir() })))).toMatchObject({
      stdout: `hello\n${tmpdir()}\n`,
    });
    expect(await all(exec(shell("cat", { stdin: new Secret("s3cret") })))).toMatchObject({ stdout: "s3cret" });
  });

  test("a program that does not read its stdin", async () => {
    expect(await all(exec(shell("exit 0", { stdin: "x".repeat(1_000_000) })))).toMatchObject({ exit: 0 });
  });

  test("output comes while the program runs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flashfleet-"));
    const seen: string[] = [];
    // It prints the second line only after the first has arrived here.
    for await (const output of exec(
      shell("echo first; until [ -e go ]; do sleep 0.01; done; echo second", { cwd: folder }),
    )) {
      if (output.is === "stdout") seen.push(output.text);
      if (seen.length === 1) await writeFile(join(folder, "go"), "");
    }
    expect(seen).toEqual(["first\n", "second\n"]);
    await rm(folder, { recursive: true });
  });

  test("a program that is missing is ENOENT, a folder that is missing too", async () => {
    await expect(all(exec({ argv: ["no-such-program"] }))).rejects.toMatchObject({
      errno: "ENOENT",
      path: "no-such-program",
    });
    await expect(all(exec(shell("true", { cwd: "/no/such" })))).rejects.toMatchObject({
      errno: "ENOENT",
      path: "/no/such",
    });
  });

  test("at the deadline the whole group is killed, after what it printed was read", async () => {
    let printed = "";
    const running = (async () => {
      for await (const output of exec(shell("sleep 30 & echo $!; wait"), 300))
        if (output.is === "stdout") printed += output.text;
    })();
    await expect(running).rejects.toMatchObject({ errno: "ETIMEDOUT", path: "sh" });
    await gone(Number(printed));
  });

  test("a reader that leaves ends the program", async () => {
    let pid = 0;
    for await (const output of exec(shell("echo $$; sleep 30"))) {
      if (output.is === "stdout") pid = Number(output.text);
      break;
    }
    await gone(pid);
  });

  test("what a program leaves in the background does not hold it up, and lives on", async () => {
    const { stdout, exit } = await all(exec(shell("sleep 30 & echo $!")));
    expect(exit).toBe(0);
    process.kill(Number(stdout), "SIGKILL");
  });
});

/** Waits until there is no such process, or only its remains. */
async function gone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  for (;;) {
    const status = await system.read(`/proc/${pid}/stat`).catch(() => undefined);
    if (status === undefined || /\) Z /.test(status)) return;
  }
}

describe("dialling", () => {
  test("something that listens, and then nothing", async () => {
    const server = createServer((socket) => socket.end("hi"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const to = { address: "127.0.0.1", port };
    const stream = await system.dial(to, deadlineIn(systemClock, 5000));
    const text: string[] = [];
    for await (const part of stream) text.push(String(part));
    expect(text.join("")).toBe("hi");
    server.close();
    await once(server, "close");
    await expect(system.dial(to, deadlineIn(systemClock, 5000))).rejects.toMatchObject({ errno: "ECONNREFUSED" });
  });

  test("a deadline that has passed", async () => {
    await expect(system.dial({ address: "192.0.2.1", port: 4420 }, deadlineIn(systemClock, -1))).rejects.toMatchObject({
      errno: expect.stringMatching(/^E/),
    });
  });
});

test("loopback is among the addresses", async () => {
  expect(await system.addresses()).toContainEqual(
    expect.objectContaining({ interface: "lo", address: "127.0.0.1", family: "ipv4", prefix: 8 }),
  );
});

describe("changes", () => {
  /** Sleeps at once, and says so: no test waits for a pause. */
  const hasty: Clock = { ...systemClock, sleep: () => Promise.resolve() };
  const monitor = (script: string) => ({ argv: ["sh", "-c", script] as const, parser: () => parseIpMonitorLine });

  test("what a monitor prints, and that it was started again after it ended", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { subsystem, action, device } of watch(
      hasty,
      { PATH: systemPath },
      [monitor("echo '2: eth0: <UP>'")],
      stop.signal,
    )) {
      seen.push(`${subsystem} ${action} ${device}`);
      if (seen.length === 3) stop.abort();
    }
    expect(seen.slice(0, 3)).toEqual(["net change eth0", "unknown restart undefined", "net change eth0"]);
  });

  test("a monitor that does not exist is no error", async () => {
    const stop = new AbortController();
    const changes = watch(
      hasty,
      { PATH: systemPath },
      [{ argv: ["no-such-program"], parser: () => parseIpMonitorLine }, monitor("echo '2: eth0: <UP>'; sleep 30")],
      stop.signal,
    );
    for await (const change of changes) {
      expect(change.device).toBe("eth0");
      stop.abort();
    }
  });

  test("a signal that was aborted before ends it at once", async () => {
    const changes = [];
    for await (const change of system.changes(AbortSignal.abort())) changes.push(change);
    expect(changes).toEqual([]);
  });
});
