import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startController } from "../../../controller/controller.ts";
import { createLogger } from "../../../shared/logger.ts";
import { jsonLines, recapOf } from "../../support/cli.ts";
import { startFleet, testEnvironment, walkthrough } from "../../support/fleet.ts";
import { startTestServer, temporaryDirectory } from "../../support/nats-server.ts";

const log = createLogger({ name: "test", level: "silent" });

function start(directory: string, data: string, nats?: { url: string; tokenFile: string }) {
  return startController({
    data,
    nats: nats?.url,
    tokenFile: nats?.tokenFile,
    environment: testEnvironment(directory, data),
    log,
    say: () => undefined,
  });
}

describe("a second controller", () => {
  test("with the same data directory is refused, and the first goes on", async () => {
    await using fleet = await startFleet();
    await expect(start(fleet.directory, fleet.data)).rejects.toMatchObject({
      code: "controller_running",
      hint: expect.stringContaining("--data"),
    });
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  });

  test("with the same data directory and a nats-server elsewhere is refused before it takes a session over", async () => {
    await using server = await startTestServer();
    const nats = { url: server.server.url, tokenFile: join(server.directory, "token") };
    await using fleet = await startFleet({ nats });
    const before = fleet.logs.filter((line) => line.includes("a node says hello")).length;
    await expect(start(fleet.directory, fleet.data, nats)).rejects.toMatchObject({ code: "controller_running" });
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    expect(fleet.logs.filter((line) => line.includes("a node says hello"))).toHaveLength(before);
  });
});

describe("with a nats-server elsewhere", () => {
  test("a fleet works, and nothing of that server is touched when the controller ends", async () => {
    await using server = await startTestServer();
    const { pid } = server.server;
    {
      await using fleet = await startFleet({
        nats: { url: server.server.url, tokenFile: join(server.directory, "token") },
      });
      expect((await fleet.cli("run", walkthrough)).code).toBe(0);
      expect((await fleet.cli("health")).code).toBe(0);
      expect(fleet.controller.tokenFile).toBeUndefined();
    }
    expect(server.server.pid).toBe(pid);
  });

  test("a controller that starts anew knows its nodes and their specs again without anybody's help", async () => {
    await using server = await startTestServer();
    await using fleet = await startFleet({
      nats: { url: server.server.url, tokenFile: join(server.directory, "token") },
    });
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    await fleet.stopController();
    await fleet.startController();
    await expect
      .poll(async () => (await fleet.cli("nodes", "-o", "json")).lines(), { timeout: 20_000 })
      .toHaveLength(3);
    const again = await fleet.cli("run", walkthrough);
    expect(again.code, again.out).toBe(0);
    expect(recapOf(again.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
  });

  test("that is not there, or has another token, says so", async () => {
    await using server = await startTestServer();
    await using directory = await temporaryDirectory();
    const wrong = join(directory.path, "token");
    await writeFile(wrong, "not-the-token\n");
    const data = join(directory.path, "d");
    await expect(start(directory.path, data, { url: server.server.url, tokenFile: wrong })).rejects.toMatchObject({
      code: "bus_auth",
      hint: expect.any(String),
    });
    await expect(start(directory.path, data, { url: "nats://127.0.0.1:1", tokenFile: wrong })).rejects.toMatchObject({
      code: "bus_lost",
      hint: expect.stringContaining("nats-server runs there"),
    });
    await expect(
      start(directory.path, data, { url: server.server.url, tokenFile: join(directory.path, "none") }),
    ).rejects.toMatchObject({
      code: "bad_argument",
    });
  });
});

describe("the port of its own nats-server", () => {
  test("is another one where the usual one is taken, and the same again at the next start", async () => {
    await using directory = await temporaryDirectory();
    const data = join(directory.path, "d");
    const blocker = createServer();
    blocker.listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const address = blocker.address();
    const taken = typeof address === "object" && address !== null ? address.port : 0;
    await mkdir(join(data, "nats"), { recursive: true });
    await writeFile(join(data, "nats", "port"), `${taken}`);
    // 4222 may be taken by somebody else as well, or free: it is only never the one that is taken.
    const first = await start(directory.path, data);
    expect(first.url).not.toBe(`nats://127.0.0.1:${taken}`);
    await first.close();
    const second = await start(directory.path, data);
    expect(second.url).toBe(first.url);
    await second.close();
    blocker.close();
  });
});

describe("a data directory that cannot be used is refused with a hint:", () => {
  test("it lies below a file", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "file");
    await writeFile(file, "");
    await expect(start(directory.path, join(file, "data"))).rejects.toMatchObject({
      code: "data_directory",
      hint: expect.stringContaining("--data"),
    });
  });

  test("it is a file", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "file");
    await writeFile(file, "");
    await expect(start(directory.path, file)).rejects.toMatchObject({ code: "data_directory" });
  });

  test("its path is too long for a socket", async () => {
    await using directory = await temporaryDirectory();
    await expect(start(directory.path, join(directory.path, "x".repeat(120)))).rejects.toMatchObject({
      code: "data_directory",
      hint: expect.stringContaining("shorter"),
    });
  });

  test("its path has a quote", async () => {
    await using directory = await temporaryDirectory();
    await expect(start(directory.path, join(directory.path, 'a"b'))).rejects.toMatchObject({ code: "data_directory" });
  });

  test("its key was damaged", async () => {
    await using directory = await temporaryDirectory();
    const data = join(directory.path, "d");
    await mkdir(data);
    await writeFile(join(data, "controller.key"), "short");
    await expect(start(directory.path, data)).rejects.toMatchObject({
      code: "key_missing",
      hint: expect.stringContaining("backup"),
    });
    expect(await readFile(join(data, "controller.key"), "utf8")).toBe("short");
  });
});

test("what a controller keeps is for its user alone", async () => {
  await using fleet = await startFleet();
  for (const name of ["controller.key", "versions.key", "controller.sock", "nats/token", "nats/nats-server.conf"]) {
    expect((await stat(join(fleet.data, name))).mode & 0o077, name).toBe(0);
  }
});

describe("as programs", () => {
  test("the controller says where it is, serves commands, and ends at SIGTERM with its nats-server", async () => {
    await using directory = await temporaryDirectory();
    const data = join(directory.path, "d");
    const { PATH, NATS_SERVER } = process.env;
    const { natsServer } = testEnvironment(directory.path, data);
    const env = {
      PATH,
      HOME: directory.path,
      XDG_STATE_HOME: directory.path,
      FLASHFLEET_DATA: data,
      NATS_SERVER: NATS_SERVER ?? natsServer,
    };
    const program = (...argv: string[]) =>
      spawn(process.execPath, ["--import", "tsx", "controller/main.ts", ...argv], { env });
    const controller = program("controller");
    let said = "";
    controller.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await expect
      .poll(() => said, { timeout: 30_000 })
      .toMatch(/Controller ready: data in .*, bus at nats:\/\/127\.0\.0\.1:\d+\n/);
    expect(said).toContain("flashfleet agent --name NAME --nats nats://127.0.0.1:");

    const nodes = program("nodes", "-o", "json");
    let out = "";
    nodes.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    expect(await once(nodes, "exit")).toEqual([0, null]);
    expect(jsonLines(out)).toEqual([]);

    const pid = Number(await readFile(join(data, "nats", "nats-server.pid"), "utf8"));
    controller.kill("SIGTERM");
    expect(await once(controller, "exit")).toEqual([0, null]);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
