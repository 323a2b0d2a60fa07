import { NodeId, RunId } from "./ids.ts";

/** Every subject of flashfleet on the bus. Nothing else builds or takes apart a subject. */
const root = "ff.v1";

/** Who speaks on a connection: decides which inbox answers may go to. */
export type Principal = { is: "controller" } | { is: "node"; node: NodeId };

export const controller: Principal = { is: "controller" };

export function nodePrincipal(node: NodeId): Principal {
  return { is: "node", node };
}

/** What nodes ask the controller: acknowledged requests. */
export const askKinds = ["hello", "report"] as const;
export type AskKind = (typeof askKinds)[number];

export const subjects = {
  /** Orders for a node; each carries an inbox of the controller for its replies. */
  call: (node: NodeId): string => `${root}.node.${node}.call`,
  heartbeat: (node: NodeId): string => `${root}.node.${node}.heartbeat`,
  ask: (node: NodeId, kind: AskKind): string => `${root}.node.${node}.ask.${kind}`,
  /** Entries of one run, kept by the run stream. */
  run: (run: RunId): string => `${root}.run.${run}`,

  everyHeartbeat: `${root}.node.*.heartbeat`,
  everyAsk: (kind: AskKind): string => `${root}.node.*.ask.${kind}`,
  everyRun: `${root}.run.*`,
} as const;

/** Answers to a principal go below this subject and nowhere else. No two principals share one. */
export function inboxOf(principal: Principal): string {
  return principal.is === "controller" ? `${root}.inbox.controller` : `${root}.inbox.node.${principal.node}`;
}

/** Whether a reply subject lies below a principal's own inbox: reply subjects are not permission-checked by the server. */
export function isInboxOf(principal: Principal, subject: string | undefined): subject is string {
  return subject?.startsWith(`${inboxOf(principal)}.`) === true && !/[\s*>]/.test(subject);
}

/** The node that a subject below `ff.v1.node.` belongs to. The server lets only this node publish there. */
export function nodeOf(subject: string): NodeId | undefined {
  const [, , word, id] = subject.split(".");
  return word === "node" && subject.startsWith(`${root}.`) ? NodeId.safeParse(id).data : undefined;
}

/** The run of a run stream's subject. */
export function runOf(subject: string): RunId | undefined {
  const prefix = `${root}.run.`;
  return subject.startsWith(prefix) ? RunId.safeParse(subject.slice(prefix.length)).data : undefined;
}
