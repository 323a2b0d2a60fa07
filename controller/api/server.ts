import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { type ErrorCode, FlashfleetError, toErrorData } from "../../shared/errors.ts";
import type { Logger } from "../../shared/logger.ts";
import { ManyProblems } from "./problems.ts";

/** Bytes of a request: a project with its templates and inventories. */
const largestRequest = 64 * 1024 * 1024;

export interface Request {
  /** The path's variable parts, by name. */
  parameters: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  body(): Promise<unknown>;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
}

/** A value is sent as JSON; an iterable as a line of JSON for each item, as they come: an item that is text is JSON already. */
export type Handler = (request: Request) => Promise<object> | AsyncIterable<object | string>;

/** By `METHOD /path/:parameter`. */
export type Routes = Readonly<Record<string, Handler>>;

export interface ApiServer {
  /** Takes no more connections. */
  refuse(): void;
  /** Ends those that are open, after what is being answered. */
  close(): Promise<void>;
}

const statuses: Partial<Record<ErrorCode, number>> = {
  not_found: 404,
  bad_argument: 400,
  bad_playbook: 400,
  bad_inventory: 400,
  bad_template: 400,
  bad_message: 400,
  no_hosts: 400,
  node_busy: 409,
  plan_stale: 409,
};

/**
 * Serves the API on a unix socket that only its owner may use. Throws `controller_running` where another controller
 * answers there, `data_directory` where the socket cannot be made.
 */
export async function serveApi(socketPath: string, routes: Routes, log: Logger): Promise<ApiServer> {
  await claimSocket(socketPath);
  const table = Object.entries(routes).map(([pattern, handler]) => ({ ...compile(pattern), handler }));
  const server = createServer((request, response) => {
    void respond(request, response, table).catch((error: unknown) =>
      log.warn({ err: error }, "cannot answer a request"),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new FlashfleetError("data_directory", `cannot listen on ${socketPath}: ${cause.message}`, { cause }));
    });
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
  return {
    refuse: () => void server.close(),
    close: () => endConnections(server),
  };
}

/** Those who are being told the end of a run are told it; whoever does not listen is cut off after a second. */
async function endConnections(server: Server): Promise<void> {
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count ?? 0)));
  for (let look = 0; look < 50 && (await open()) > 0; look++) {
    server.closeIdleConnections();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  server.closeAllConnections();
}

/** The kernel keeps 108 bytes for a unix socket's path, with its end. */
const longestSocketPath = 107;

/** Throws `controller_running` where a controller answers there; removes what a killed one left. */
export async function claimSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestSocketPath) {
    throw new FlashfleetError(
      "data_directory",
      `cannot listen on ${path}: a socket's path has at most ${longestSocketPath} bytes`,
      {
        hint: "choose a shorter --data directory",
      },
    );
  }
  const answers = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
  if (answers) {
    throw new FlashfleetError(
      "controller_running",
      `cannot start: a controller runs with this data directory (${path})`,
      {
        hint: "use that one, stop it, or choose another --data directory",
      },
    );
  }
  await rm(path, { force: true });
}

interface Route {
  method: string;
  match(path: string): Record<string, string> | undefined;
  handler: Handler;
}

function compile(pattern: string): Omit<Route, "handler"> {
  const [method = "", path = ""] = pattern.split(" ");
  const parts = path.split("/");
  return {
    method,
    match: (actual) => {
      const given = actual.split("/");
      if (given.length !== parts.length) return undefined;
      const parameters: Record<string, string> = {};
      for (const [index, part] of parts.entries()) {
        const value = decodeURIComponent(given[index] ?? "");
        if (part.startsWith(":")) parameters[part.slice(1)] = value;
        else if (part !== value) return undefined;
      }
      return parameters;
    },
  };
}

async function respond(incoming: IncomingMessage, response: ServerResponse, table: readonly Route[]): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("the client has gone")));
  try {
    const url = new URL(incoming.url ?? "/", "http://controller");
    for (const { method, match, handler } of table) {
      const parameters = method === incoming.method ? match(url.pathname) : undefined;
      if (parameters === undefined) continue;
      const answer = handler({
        parameters,
        query: url.searchParams,
        body: () => readBody(incoming),
        signal: gone.signal,
      });
      if (Symbol.asyncIterator in answer) await sendLines(response, answer);
      else sendJson(response, 200, await answer);
      return;
    }
    throw new FlashfleetError("not_found", `there is no ${incoming.method} ${url.pathname} in this API`);
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const errors = error instanceof ManyProblems ? error.errors : [toErrorData(error)];
    sendJson(response, statuses[errors[0]?.code ?? "internal"] ?? 500, { errors });
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function sendLines(response: ServerResponse, lines: AsyncIterable<object | string>): Promise<void> {
  const iterator = lines[Symbol.asyncIterator]();
  // The first item may be an error: then it is answered as one.
  const first = await iterator.next();
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  for (let next = first; !next.done; next = await iterator.next()) {
    if (response.destroyed) {
      await iterator.return?.();
      return;
    }
    const line = typeof next.value === "string" ? next.value : JSON.stringify(next.value);
    if (!response.write(`${line}\n`)) await drained(response);
  }
  response.end();
}

/** Resolves when there is room again, or nobody to send to. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off("drain", end).off("close", end);
      resolve();
    };
    response.on("drain", end).on("close", end);
  });
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > largestRequest) {
      throw new FlashfleetError("bad_message", `cannot read the request: it has more than ${largestRequest} bytes`, {
        hint: "the project's directory holds more than a project: run from a directory of its own",
      });
    }
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new FlashfleetError("bad_message", "cannot read the request: it is no JSON", { cause });
  }
}
