import * as z from "zod";
import { Cost } from "./cost.ts";
import { SessionNonce } from "./hello.ts";
import { CallId, NodeId, RunId } from "./ids.ts";
import { JsonRecord } from "./json.ts";
import { AssumedConnection, AssumedListener } from "./listener.ts";
import { Edit } from "./spec.ts";

/** What people allowed for this order alone. */
export const Consent = z.object({
  /** Costs beyond `none` that a step may have. */
  costs: z.array(Cost),
  /** Things in use that may be touched, each by its name: a device path, an NQN. */
  overrides: z.array(z.string()),
});
export type Consent = z.infer<typeof Consent>;

export const ActionBody = z.object({
  do: z.literal("action"),
  action: z.string(),
  arguments: JsonRecord,
  /** Of the programs that it runs, over the agent's own. */
  environment: z.record(z.string(), z.string()).optional(),
});

export const OrderBody = z.discriminatedUnion("do", [
  /** Make the edit a candidate and bring the node to it. */
  z.object({
    do: z.literal("converge"),
    edit: Edit,
    /** The key of the edit that the answer's result is of. */
    subject: z.string().optional(),
    /** Not reached, it stays as it is by then: who ordered it leads both ends of it back together. */
    leave: z.literal(true).optional(),
    consent: Consent.optional(),
  }),
  /** Answered with the node's `Spec` as the result: for a controller that knows less than the node. */
  z.object({ do: z.literal("spec") }),
  /** Answered with `Facts` as the result. */
  z.object({ do: z.literal("facts") }),
  /** Answered with a whole `Report` as the result. */
  z.object({ do: z.literal("observe") }),
  /** Answered with what the action gives back. */
  ActionBody,
  /**
   * The same in a run that has secrets: all of it lies in the order's box as `body`, a JSON text, and what the node says is sealed
   * too. `version`: a digest of the body under a key of the controller, which tells two orders of one id apart.
   */
  z.object({ do: z.literal("sealed_action"), action: z.string(), version: z.string() }),
]);
export type OrderBody = z.infer<typeof OrderBody>;
/** What a node works with: nothing in it is sealed any more. */
export type OpenBody = Exclude<OrderBody, { do: "sealed_action" }>;

/** Values by the names that the body's references use, encrypted for the node (shared/identity). */
export const SealedSecrets = z.object({
  /** AES-GCM nonce, 12 bytes, base64url. */
  nonce: z.string(),
  /** Ciphertext and tag, base64url. */
  box: z.string(),
});
export type SealedSecrets = z.infer<typeof SealedSecrets>;

/** One thing that a node is told to do. The MAC covers everything else in it, fields that this version lacks included. */
export const Order = z.object({
  v: z.literal(1),
  to: NodeId,
  /** The same id is the same order for ever: sent again, it is answered and not done again. */
  id: CallId,
  session: SessionNonce,
  /** Milliseconds that the node has from receipt, on its own monotonic clock. */
  deadline: z.number().min(0),
  /** Do it on the run's model of the node, not on the node. `assume` and `connections`: what the run's checks of other nodes would make. */
  check: z
    .object({
      run: RunId,
      assume: z.array(AssumedListener).optional(),
      connections: z.array(AssumedConnection).optional(),
    })
    .optional(),
  body: OrderBody,
  /** Of a reboot: addresses of hosts that keep another live way to their disks meanwhile, as far as the controller knows. */
  covered: z.array(z.string()).optional(),
  secrets: SealedSecrets.optional(),
  /** HMAC-SHA256, 32 bytes, base64url. */
  mac: z.string().regex(/^[A-Za-z0-9_-]{43}$/, "a MAC is 32 bytes in base64url"),
});
export type Order = z.infer<typeof Order>;

/** An order before the session signs it. */
export type UnsignedOrder = Omit<Order, "mac" | "session" | "secrets">;
