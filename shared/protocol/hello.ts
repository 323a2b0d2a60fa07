import * as z from "zod";
import { NodeId } from "./ids.ts";
import { Generation } from "./spec.ts";

/** Raw X25519 public key, 32 bytes, base64url without padding. */
export const PublicKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "a public key is 32 bytes in base64url")
  .brand("PublicKey");
export type PublicKey = z.infer<typeof PublicKey>;

/** Names one session between the controller and an agent: 16 random bytes, base64url. */
export const SessionNonce = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, "a session nonce is 16 bytes in base64url")
  .brand("SessionNonce");
export type SessionNonce = z.infer<typeof SessionNonce>;

/** The kernel's boot id (/proc/sys/kernel/random/boot_id): another one means that the node has rebooted. */
export const BootId = z.string().min(1).max(64);

/** What an agent says at every connect; the answer is {@link Welcome}. */
export const Hello = z.object({
  v: z.literal(1),
  node: NodeId,
  /** The agent's version. */
  version: z.string(),
  /** Kinds and actions that it can do; a run that needs another is refused before it begins. */
  kinds: z.array(z.string()),
  actions: z.array(z.string()),
  /** The spec on its disk: SHA-256 of its canonical JSON, hexadecimal. */
  spec: z.object({ generation: Generation, hash: z.string() }),
  bootId: BootId,
  /** Sequence number of the last report that it made. */
  report: z.int().min(0),
  labels: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  /** Its half of the session key agreement, made anew for this hello. */
  key: PublicKey,
});
export type Hello = z.infer<typeof Hello>;

/** The controller's answer: orders of this session carry its nonce and a MAC by the key that both now have. */
export const Welcome = z.object({
  v: z.literal(1),
  session: SessionNonce,
  key: PublicKey,
  /** Over node, session and both keys by the controller's order key; filled once controllers have identities. */
  signature: z.string().optional(),
});
export type Welcome = z.infer<typeof Welcome>;
