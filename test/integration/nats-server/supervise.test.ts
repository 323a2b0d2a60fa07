import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { filesOf } from "../../../controller/nats-server/owner.ts";
import { choosePort, greetedName } from "../../../controller/nats-server/ports.ts";
import { refuseAnonymous } from "../../../controller/nats-server/preflight.ts";
import { identify } from "../../../controller/nats-server/process-identity.ts";
import { type ServerOptions, startNatsServer } from "../../../controller/nats-server/supervise.ts";
import { connectBus } from "../../../shared/bus/connection.ts";
import { systemClock } from "../../../shared/clock.ts";
import type { FlashfleetError } from "../../../shared/errors.ts";
import { controller } from "../../../shared/protocol/subjects.ts";
import { findTestServer, startTestServer, temporaryDirectory } from "../../support/nats-server.ts";

const program = await findTestServer();

async function start(directory: string, options: Partial<ServerOptions> = {}) {
  const server = await startNatsServer({ program, directory, port: 0, onTrouble: () => undefined, ...options });
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

describe("our own nats-server", () => {
  test("lets in who has the token, and nobody else", async () => {
    await using nats = await startTestServer();
    const { url, token } = nats.server;
    const options = { url, name: "test", principal: controller, clock: systemClock, random: Math.random };
    const { connection } = await connectBus({ ...options, token });
    expect(connection.info?.jetstream).toBe(true);
    expect(connection.info?.max_payload).toBe(8 * 1024 * 1024);
    await connection.close();
    await expect(connectBus(options)).rejects.toMatchObject({ code: "bus_auth" });
    await refuseAnonymous(url);
  });

  test("keeps its token to itself", async () => {
    await using nats = await startTestServer();
    const { config, token, log } = filesOf(nats.directory);
    for (const path of [config, token]) expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(nats.directory)).mode & 0o077).toBe(0);
    const secret = nats.server.token.reveal();
    expect(await readFile(log, "utf8")).not.toContain(secret);
    const command = await readFile(`/proc/${nats.server.pid}/cmdline`, "utf8");
    expect(command).not.toContain(secret);
  });

  test("is gone after close", async () => {
    await using directory = await temporaryDirectory();
    const server = await start(directory.path);
    const { pid = 0 } = server;
    await server.close();
    expect(await identify(pid)).toBeUndefined();
  });

  test("takes another port when the wanted one is taken between the look and the start", async () => {
    await using one = await temporaryDirectory();
    await using two = await temporaryDirectory();
    const port = await choosePort("127.0.0.1", [0]);
    // Both look while it is free.
    const servers = await Promise.all([start(one.path, { port }), start(two.path, { port })]);
    const urls = servers.map(({ url }) => url);
    await Promise.all(servers.map((server) => server.close()));
    expect(new Set(urls).size).toBe(2);
  });

  test("comes back on the same port, with the same token, when it is killed", async () => {
    await using directory = await temporaryDirectory();
    const troubles: FlashfleetError[] = [];
    await using server = await start(directory.path, { onTrouble: (error) => troubles.push(error) });
    const before = server.pid ?? 0;
    process.kill(before, "SIGKILL");
    const port = Number(new URL(server.url).port);
    await expect.poll(() => server.pid === before).toBe(false);
    await expect.poll(() => greetedName("127.0.0.1", port, 500)).toMatch(/^flashfleet-/);
    expect(troubles).toMatchObject([{ code: "nats_server_failed" }]);
  });

  test("has the port of the last start again", async () => {
    await using directory = await temporaryDirectory();
    const first = await start(directory.path);
    await first.close();
    await using second = await start(directory.path, { port: undefined });
    expect(second.url).toBe(first.url);
    expect(second.token.equals(first.token)).toBe(true);
  });

  test("takes another port when the wanted one is in use", async () => {
    await using directory = await temporaryDirectory();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await using server = await start(directory.path, { port });
    expect(Number(new URL(server.url).port)).not.toBe(port);
    other.close();
  });

  test("is not started twice in one directory", async () => {
    await using directory = await temporaryDirectory();
    await using server = await start(directory.path);
    await expect(start(directory.path)).rejects.toMatchObject({ code: "controller_running" });
    expect(await identify(server.pid ?? 0)).toBeDefined();
  });

  test("does not listen beyond this machine", async () => {
    await using directory = await temporaryDirectory();
    for (const host of ["0.0.0.0", "192.0.2.1", "::"]) {
      await expect(start(directory.path, { host })).rejects.toMatchObject({ code: "bus_bind" });
    }
  });

  test("that was left by a killed controller is stopped by the next start", async () => {
    await using directory = await temporaryDirectory();
    const script = fileURLToPath(new URL("start-server.ts", import.meta.url));
    const left = spawn(process.execPath, ["--import", "tsx", script, directory.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(left.stdout.setEncoding("utf8"), "data");
    left.kill("SIGKILL");
    await once(left, "exit");
    expect(await identify(Number(pid))).toBeDefined();
    await using server = await start(directory.path);
    expect(await identify(Number(pid))).toBeUndefined();
    expect(server.pid).not.toBe(Number(pid));
  });

  test("does not end a process that only has an old server's id", async () => {
    await using directory = await temporaryDirectory();
    const bystander = spawn("sleep", ["60"]);
    await writeFile(filesOf(directory.path).pid, String(bystander.pid));
    await using server = await start(directory.path);
    expect(server.pid).toBeDefined();
    expect(await identify(bystander.pid ?? 0)).toBeDefined();
    bystander.kill();
  });

  test("that cannot start says why", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, "jetstream"), "not a directory");
    await expect(start(directory.path)).rejects.toMatchObject({ code: "nats_server_failed" });
    const missing = { program: "/nonexistent/nats-server", version: "0" };
    await using other = await temporaryDirectory();
    await expect(start(other.path, { program: missing })).rejects.toMatchObject({ code: "nats_server_failed" });
  });
});
