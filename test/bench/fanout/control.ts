import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { filesOf } from "../../../controller/nats-server/owner.ts";
import { findTestServer } from "../../support/nats-server.ts";
import type { Server } from "../agents.ts";
import { endsWithUs } from "./ends-with-us.ts";

/** A controller as people start it, in a process of its own with a nats-server and a directory of its own. */
export interface Control extends AsyncDisposable {
  directory: string;
  pid: number;
  nats: number;
  server: Server;
  /** A command, as people type it. */
  command(...argv: string[]): Promise<{ code: number; out: string; err: string }>;
}

export async function startControl(program: string, nodeOptions: readonly string[]): Promise<Control> {
  const directory = await mkdtemp(join(tmpdir(), "ff-fanout-"));
  const data = join(directory, "controller");
  const environment = {
    ...process.env,
    FLASHFLEET_DATA: data,
    NATS_SERVER: (await findTestServer()).program,
    XDG_STATE_HOME: join(directory, "state"),
    NO_COLOR: "1",
  };
  const child = spawn(process.execPath, [...nodeOptions, program, "controller"], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ending = endsWithUs(child);
  const said = text(child.stderr);
  const ended = once(child, "exit");
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
    ending[Symbol.dispose]();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const url = await addressIn(child.stdout);
    // What it warns of is for whoever looks on; a pipe that nobody empties would stop it.
    child.stdout.pipe(process.stderr, { end: false });
    if (url === undefined) throw new Error(`the controller ended: ${await said}`);
    const files = filesOf(join(data, "nats"));
    const token = (await readFile(files.token, "utf8")).trim();
    return {
      directory,
      pid: child.pid ?? 0,
      nats: Number(await readFile(files.pid, "utf8")),
      server: { url, token },
      command: async (...argv) => {
        const command = spawn(process.execPath, [program, ...argv], {
          env: environment,
          stdio: ["ignore", "pipe", "pipe"],
        });
        const [out, err, [code]] = await Promise.all([
          text(command.stdout),
          text(command.stderr),
          once(command, "close"),
        ]);
        return { code: Number(code), out, err };
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function addressIn(out: Readable): Promise<string | undefined> {
  let printed = "";
  for await (const chunk of out.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    const url = /bus at (nats:\S+)/.exec(printed)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}
