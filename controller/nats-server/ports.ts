import { createConnection, createServer } from "node:net";
import { FlashfleetError } from "../../shared/errors.ts";

/** The first of these ports that can be bound on the host, else one that the system picks. */
export async function choosePort(host: string, wanted: readonly number[]): Promise<number> {
  for (const port of [...wanted, 0]) {
    const bound = await tryBind(host, port);
    if (bound !== undefined) return bound;
  }
  throw new FlashfleetError("address_in_use", `cannot find a free port on ${host}`);
}

function tryBind(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}

/** The name of the nats-server that listens there (it greets with `INFO {…}`); undefined where none answers in time. */
export function greetedName(host: string, port: number, millis: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    let greeting = "";
    const end = (name: string | undefined) => {
      socket.destroy();
      resolve(name);
    };
    socket.setTimeout(millis, () => end(undefined));
    socket.setEncoding("utf8");
    socket.on("error", () => end(undefined));
    socket.on("close", () => resolve(undefined));
    socket.on("data", (text: string) => {
      greeting += text;
      if (greeting.includes("\n")) end(/"server_name":"([^"]*)"/.exec(greeting)?.[1]);
    });
  });
}
