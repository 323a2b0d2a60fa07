import { type IncomingMessage, request } from "node:http";
import type { z } from "zod";
import { FlashfleetError, fromErrorData } from "../../shared/errors.ts";
import { Problems } from "./messages.ts";
import { ManyProblems } from "./problems.ts";

/** Milliseconds of silence after which a controller that does not stream counts as gone. */
const answerMillis = 60_000;

/** A command's way to the controller. Rejects with what the controller says, or `controller_unreachable`. */
export class ApiClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async get<S extends z.ZodType>(path: string, schema: S, signal?: AbortSignal): Promise<z.output<S>> {
    return schema.parse(await readJson(await this.#send("GET", path, undefined, signal)));
  }

  async post<S extends z.ZodType>(path: string, body: object, schema: S): Promise<z.output<S>> {
    return schema.parse(await readJson(await this.#send("POST", path, body)));
  }

  /** A value for each line, as they come; with a body it is a POST. Aborted, it ends without an error. */
  async *lines<S extends z.ZodType>(
    path: string,
    schema: S,
    { body, signal }: { body?: object | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<z.output<S>> {
    const response = await this.#send(body === undefined ? "GET" : "POST", path, body);
    response.setTimeout(0);
    const stop = () => response.destroy();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      for await (const line of linesOf(response)) yield schema.parse(JSON.parse(line));
    } catch (error) {
      if (!signal?.aborted) throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      // Whoever has seen enough hangs up.
      response.destroy();
    }
  }

  async #send(method: string, path: string, body?: object, signal?: AbortSignal): Promise<IncomingMessage> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.#socketPath,
          method,
          path,
          headers: { "content-type": "application/json" },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      outgoing.setTimeout(answerMillis, () => outgoing.destroy(new Error("it does not answer")));
      outgoing.once("error", (cause) => reject(this.#unreachable(cause)));
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (response.statusCode === 200) return response;
    const { errors } = Problems.parse(await readJson(response));
    const [first, ...more] = errors;
    throw first !== undefined && more.length === 0 ? fromErrorData(first) : new ManyProblems(errors);
  }

  #unreachable(cause: Error): FlashfleetError {
    return new FlashfleetError(
      "controller_unreachable",
      `cannot reach the controller at ${this.#socketPath}: ${cause.message}`,
      {
        hint: "start it with flashfleet controller, or name its data directory with --data DIR (or $FLASHFLEET_DATA)",
        cause,
      },
    );
  }
}

/** Rejects where the connection breaks off; `readline` would wait for ever. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    const [first = "", ...more]: string[] = chunk.split("\n");
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
  }
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += chunk;
  return JSON.parse(text);
}
