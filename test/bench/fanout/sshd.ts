import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { endsWithUs } from "./ends-with-us.ts";

/** Where sshd is that root starts, and the directory that it wants to be there. */
const program = "/usr/sbin/sshd";
const privileges = "/run/sshd";
/** Addresses that one sshd listens on: it takes 16. */
const addressesPerServer = 16;
/** Milliseconds until it listens. */
const patience = 10_000;

/** One for each host: ssh and Mitogen share connections to the same address. */
export const addressOf = (host: number) => `127.0.${host >> 8}.${(host & 255) + 1}`;

/** Servers on loopback with keys of their own, for as long as they are not disposed of. Nothing of the system's is read. */
export interface Sshd extends AsyncDisposable {
  port: number;
  /** The private key that is let in. */
  key: string;
}

/** Starts as many as hosts need, in a directory. Throws where one does not come up. */
export async function startSshd(directory: string, hosts: number): Promise<Sshd> {
  for (const name of ["host", "client"]) {
    const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)]);
    if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  }
  const port = await freePort();
  const made = await mkdir(privileges, { recursive: true });
  const close: (() => Promise<unknown>)[] = [];
  const server: Sshd = {
    port,
    key: join(directory, "client"),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(close.map((each) => each()));
      if (made !== undefined) await rm(privileges, { recursive: true, force: true });
    },
  };
  try {
    for (let first = 0; first < hosts; first += addressesPerServer) {
      const addresses = Array.from({ length: Math.min(addressesPerServer, hosts - first) }, (_, index) =>
        addressOf(first + index),
      );
      const config = join(directory, `sshd-${first}.conf`);
      await writeFile(config, configuration({ directory, port, addresses }), { mode: 0o600 });
      const child = spawn(program, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
      const ended = once(child, "exit");
      const ending = endsWithUs(child);
      close.push(async () => {
        child.kill("SIGTERM");
        await ended;
        ending[Symbol.dispose]();
      });
      await listening(child.stderr, addresses.length);
    }
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

function configuration({
  directory,
  port,
  addresses,
}: {
  directory: string;
  port: number;
  addresses: string[];
}): string {
  return `${addresses.map((address) => `ListenAddress ${address}:${port}\n`).join("")}HostKey ${join(directory, "host")}
AuthorizedKeysFile ${join(directory, "client.pub")}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 1000
MaxSessions 1000
Subsystem sftp internal-sftp
`;
}

/** It says so once for each address. */
async function listening(err: NodeJS.ReadableStream, times: number): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`sshd does not listen: ${said}`)), patience);
    const end = (error?: Error) => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    };
    err.on("data", (chunk) => {
      said += String(chunk);
      if (said.split("Server listening on").length > times) end();
    });
    err.on("end", () => end(new Error(`sshd ended: ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Why it cannot be started here; undefined where it can. */
export async function whyNoSshd(): Promise<string | undefined> {
  const there = await stat(program).then(
    () => true,
    () => false,
  );
  if (!there) return "there is no sshd: apt-get install --no-install-recommends openssh-server openssh-client";
  return process.getuid?.() === 0 ? undefined : "only root may start an sshd that logs anybody in";
}
