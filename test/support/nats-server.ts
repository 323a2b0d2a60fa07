import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNatsServer, type NatsServerProgram } from "../../controller/nats-server/find.ts";
import { type NatsServer, startNatsServer } from "../../controller/nats-server/supervise.ts";

const cache = fileURLToPath(new URL("../../.cache/nats-server", import.meta.url));

/** The nats-server of this machine, fetched where there is none. */
export function findTestServer(): Promise<NatsServerProgram> {
  const { NATS_SERVER: explicit, PATH: path = "" } = process.env;
  return findNatsServer({ explicit, path, caches: [cache], say: () => undefined });
}

/** A directory of its own, gone at the end. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "flashfleet-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface TestServer extends AsyncDisposable {
  server: NatsServer;
  directory: string;
}

/** A real nats-server on a free loopback port, with its own directory; ended and removed at the end. */
export async function startTestServer(): Promise<TestServer> {
  const directory = await temporaryDirectory();
  const server = await startNatsServer({
    program: await findTestServer(),
    directory: directory.path,
    port: 0,
    onTrouble: () => undefined,
  });
  return {
    server,
    directory: directory.path,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
