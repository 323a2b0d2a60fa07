import { chmod, mkdir, rename, unlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { FlashfleetError } from "../../../../shared/errors.ts";
import { Errno } from "../errno.ts";
import { type Fabric, fabricKey, steadyLine } from "./fabric.ts";

/** sun_path of unix(7) holds 108 bytes with its NUL. */
const longestPath = 107;
/** Bytes of the first line of a connection: the address of who dials. */
const longestPreface = 256;

/**
 * A network between the processes of this machine: a unix socket per address and port, in a directory of the user's
 * own. What a dead process left behind reads as ECONNREFUSED and is replaced by the next listener.
 */
export function createSocketFabric(directory: string): Fabric {
  const pathOf = (key: string) => {
    const path = join(directory, key);
    if (Buffer.byteLength(path) <= longestPath) return path;
    throw new FlashfleetError(
      "data_directory",
      `cannot use ${directory} for the model's network: its path is too long`,
      {
        hint: `a socket's path has at most ${longestPath} bytes: choose a shorter directory`,
      },
    );
  };
  return {
    async listen(at, accept) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
      const path = pathOf(fabricKey(at));
      const server = createServer((socket) => {
        readPreface(socket).then(
          (from) => accept({ stream: socket, line: steadyLine }, from),
          () => socket.destroy(),
        );
      });
      await bind(server, path);
      return { close: () => closeServer(server) };
    },
    async dial(to, from) {
      const socket = await open(pathOf(fabricKey(to)));
      socket.write(`${from}\n`);
      return { stream: socket, line: steadyLine };
    },
  };
}

async function bind(server: Server, path: string): Promise<void> {
  if (await tryBind(server, path)) return;
  const alive = await open(path).catch(() => undefined);
  if (alive !== undefined) {
    alive.destroy();
    throw new Errno("EADDRINUSE");
  }
  // Moved away before it is removed: of two that find the same dead socket, one wins and nobody removes a live one.
  const aside = `${path}.${process.pid}`;
  await rename(path, aside)
    .then(() => unlink(aside))
    .catch(() => {});
  if (!(await tryBind(server, path))) throw new Errno("EADDRINUSE");
}

function tryBind(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", fail);
    server.listen(path, () => {
      server.off("error", fail);
      resolve(true);
    });
  });
}

/** Does not wait for the connections, which stay open. */
async function closeServer(server: Server): Promise<void> {
  server.close();
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const fail = (error: NodeJS.ErrnoException) => {
      const absent = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      reject(absent ? new Errno("ECONNREFUSED") : error);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/** The first line; what follows it stays in the stream. */
function readPreface(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const stop = (finish: () => void) => {
      socket.off("readable", read).off("close", broken).off("error", broken);
      finish();
    };
    const broken = () => stop(() => reject(new Errno("ECONNRESET")));
    const read = () => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf(0x0a);
      if (end === -1 && seen.length > longestPreface) return broken();
      if (end === -1) return;
      const rest = seen.subarray(end + 1);
      stop(() => {
        if (rest.length > 0) socket.unshift(rest);
        resolve(seen.subarray(0, end).toString());
      });
    };
    socket.on("readable", read).on("close", broken).on("error", broken);
  });
}
