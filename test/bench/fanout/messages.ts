import * as z from "zod";

const Server = z.object({ url: z.string(), token: z.string() });

/** What a process of agents is started with: nodes `first` and the following ones, from 0. */
export const AgentsTask = z.object({
  server: Server,
  first: z.int(),
  count: z.int(),
  drives: z.int(),
  key: z.string(),
});
export type AgentsTask = z.infer<typeof AgentsTask>;

/** Messages and bytes of payload over all connections of a process so far. */
export const Traffic = z.object({ inMsgs: z.number(), inBytes: z.number(), outMsgs: z.number(), outBytes: z.number() });
export type Traffic = z.infer<typeof Traffic>;

export const AgentsSay = z.discriminatedUnion("is", [
  z.object({ is: z.literal("ready") }),
  z.object({ is: z.literal("traffic"), traffic: Traffic }),
]);

export const AgentsHear = z.discriminatedUnion("do", [
  z.object({ do: z.literal("traffic") }),
  /** Bytes of an answer of the floor from now on. */
  z.object({ do: z.literal("answer"), bytes: z.int() }),
]);

/** Rounds of one request to each node, and the next round when all have answered. */
export const FloorTask = z.object({
  nodes: z.array(z.string()),
  rounds: z.int(),
  /** Requests under way at once. */
  forks: z.int(),
  /** Of each request. */
  bytes: z.int(),
});
export type FloorTask = z.infer<typeof FloorTask>;

export const FloorStart = z.object({ server: Server, key: z.string() });

export const FloorSays = z.discriminatedUnion("is", [
  z.object({ is: z.literal("ready") }),
  z.object({ is: z.literal("done"), millis: z.number() }),
]);

/** Characters of the HMAC in base64url that a request of the floor begins with. */
export const macLength = 43;

export const floorSubject = (node: string) => `ff.bench.${node}`;
