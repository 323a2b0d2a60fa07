import type { Duplex } from "node:stream";
import * as z from "zod";

/*
 * How a model initiator and a model target speak to each other after the connection: JSON lines. The real protocol
 * (icreq, capsules) is spoken for discovery alone; its first byte, 0, tells the two apart.
 */

/** The first byte of a session between models: `{`. */
export const modelSessionByte = 0x7b;

const Namespace = z.object({
  nsid: z.number(),
  uuid: z.string(),
  nguid: z.string(),
  /** Bytes. */
  size: z.number(),
  anaGroup: z.number(),
  anaState: z.string(),
});
/** A namespace as a controller shows it to its host. */
export type NamespaceView = z.infer<typeof Namespace>;

const ConnectRequest = z.object({
  is: z.literal("connect"),
  subsystem: z.string(),
  hostnqn: z.string(),
  hostid: z.string(),
  queues: z.number(),
  /** Milliseconds after which the target gives up; 0: it need not. */
  keepAlive: z.number(),
  /** Milliseconds from one keep-alive to the next, which are not sent: each end reckons with them. */
  keepAliveEvery: z.number(),
});
export type ConnectRequest = z.infer<typeof ConnectRequest>;

const Challenge = z.object({
  is: z.literal("challenge"),
  nonce: z.string(),
  hash: z.string(),
  group: z.string(),
});
/** How a target asks a host to prove that it knows the key: before it connects, or anew. */
export type Challenge = z.infer<typeof Challenge>;

export const FromHost = z.discriminatedUnion("is", [
  ConnectRequest,
  /** HMAC of the target's nonce by the host's secret; a nonce of its own where the target must prove itself too. */
  z.object({ is: z.literal("proof"), proof: z.string(), nonce: z.string().optional() }),
  /** The target has not proved that it knows the controller's key. */
  z.object({ is: z.literal("distrust") }),
  /** Both have proved what they were asked for: the host goes on with its connect. */
  z.object({ is: z.literal("go on") }),
  /** A connected host wants to prove itself anew. */
  z.object({ is: z.literal("authenticate") }),
  z.object({ is: z.literal("rescan") }),
  /** Of a discovery controller, from its beginning. */
  z.object({ is: z.literal("read log"), id: z.number() }),
  z.object({ is: z.literal("read"), id: z.number(), nsid: z.number(), offset: z.number(), length: z.number() }),
  z.object({ is: z.literal("write"), id: z.number(), nsid: z.number(), offset: z.number(), bytes: z.base64() }),
]);
export type FromHost = z.infer<typeof FromHost>;

const Connected = z.object({
  is: z.literal("connected"),
  cntlid: z.number(),
  kind: z.enum(["io", "discovery"]),
  /** Whether the kernel of the target tells its controller's type. */
  tellsType: z.boolean(),
  serial: z.string(),
  model: z.string(),
  firmware: z.string(),
  /** Of I/O queues, at most. */
  queues: z.number(),
  /** Entries of a queue, at most. */
  queueSize: z.number(),
  namespaces: z.array(Namespace),
});
export type Connected = z.infer<typeof Connected>;

export const FromTarget = z.discriminatedUnion("is", [
  /** An NVMe status with do-not-retry in bit 14. */
  z.object({ is: z.literal("refused"), status: z.number() }),
  Challenge,
  /** The host has; and the answer to its nonce, unless this target has no key to prove. */
  z.object({ is: z.literal("proved"), proof: z.string().optional() }),
  z.object({ is: z.literal("rejected") }),
  Connected,
  z.object({ is: z.literal("namespaces"), namespaces: z.array(Namespace) }),
  z.object({ is: z.literal("discovery changed") }),
  z.object({ is: z.literal("data"), id: z.number(), bytes: z.base64() }),
  z.object({ is: z.literal("stored"), id: z.number() }),
  z.object({ is: z.literal("failed"), id: z.number(), why: z.enum(["path", "drive"]) }),
]);
export type FromTarget = z.infer<typeof FromTarget>;

/** No message is longer, in characters; a peer that sends more is not one of ours. */
const longestLine = 16 * 1024 * 1024;

/** JSON lines over a stream, checked as they come in. */
export class MessageStream<I, O> {
  readonly #stream: Duplex;
  #rest = "";

  /** `ended` is called once, whoever ended it. */
  constructor(stream: Duplex, schema: z.ZodType<I>, receive: (message: I) => void, ended: () => void) {
    this.#stream = stream;
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      if (this.#rest.length > longestLine) this.close();
      for (const each of lines) {
        if (stream.destroyed) return;
        const parsed = parse(schema, each);
        if (parsed === undefined) return this.close();
        receive(parsed);
      }
    });
    stream.on("end", () => this.close());
    // An error is followed by close, which is all that a peer wants to know.
    stream.on("error", () => {});
    if (stream.destroyed) queueMicrotask(ended);
    else stream.once("close", ended);
  }

  send(message: O): void {
    if (!this.#stream.destroyed) this.#stream.write(`${JSON.stringify(message)}\n`);
  }

  /** After what was sent has gone out. */
  finish(): void {
    this.#stream.end(() => this.#stream.destroy());
  }

  close(): void {
    this.#stream.destroy();
  }
}

function parse<I>(schema: z.ZodType<I>, line: string): I | undefined {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
