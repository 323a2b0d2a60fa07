import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { FlashfleetError } from "../../shared/errors.ts";
import { commandOf, identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

const Controller = z.object({ pid: z.int(), began: z.string() });

/** Where things lie in the directory of a server. */
export const filesOf = (directory: string) => ({
  config: join(directory, "nats-server.conf"),
  log: join(directory, "nats-server.log"),
  pid: join(directory, "nats-server.pid"),
  port: join(directory, "port"),
  store: join(directory, "jetstream"),
  token: join(directory, "token"),
  /** The controller that looks after the server. */
  owner: join(directory, "owner.json"),
});

/**
 * Makes a directory's server ours to start: one that a controller left behind when it was killed is stopped first.
 * Throws `controller_running` where its controller is alive.
 */
export async function claimServer(directory: string): Promise<void> {
  const files = filesOf(directory);
  const owner = await readOwner(files.owner);
  if (owner !== undefined && (await isAlive(owner))) {
    const reason = `process ${owner.pid} runs one there`;
    throw new FlashfleetError("controller_running", `cannot start nats-server in ${directory}: ${reason}`, {
      hint: "stop that controller, or give this one a data directory of its own",
    });
  }
  const left = await findLeft(files.pid, files.config);
  if (left !== undefined) await end(left);
  await writeFile(files.owner, JSON.stringify(await identify(process.pid)));
}

export async function releaseServer(directory: string): Promise<void> {
  await rm(filesOf(directory).owner, { force: true });
}

async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return Controller.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** The server of an earlier start, if it still runs: a process under its old id that was given our configuration. */
async function findLeft(pidFile: string, config: string): Promise<ProcessIdentity | undefined> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return (await commandOf(pid)).includes(config) ? identify(pid) : undefined;
}

/** Not our child: its end is seen by looking. */
async function end(server: ProcessIdentity): Promise<void> {
  for (const [signal, looks] of [["SIGTERM", 100] as const, ["SIGKILL", 20] as const]) {
    process.kill(server.pid, signal);
    for (let look = 0; look < looks; look++) {
      if (!(await isAlive(server))) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const left = `the nats-server that an earlier controller left (process ${server.pid})`;
  throw new FlashfleetError("nats_server_failed", `cannot stop ${left}: it does not end`);
}
