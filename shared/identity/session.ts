import {
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { FlashfleetError } from "../errors.ts";
import { canonicalJson } from "../protocol/canonical.ts";
import { PublicKey, SessionNonce } from "../protocol/hello.ts";
import type { NodeId } from "../protocol/ids.ts";
import { isJsonRecord, type Json } from "../protocol/json.ts";
import type { Order, SealedSecrets, UnsignedOrder } from "../protocol/order.ts";

/** One side's half of a key agreement: made for one hello, then forgotten. */
export interface AgreementKey {
  publicKey: PublicKey;
  privateKey: KeyObject;
}

/** What both sides of a session know; never kept on a disk. */
export interface Session {
  nonce: SessionNonce;
  /** HMAC-SHA256 key of its orders, 32 bytes. */
  macKey: Buffer;
  /** AES-256-GCM key of their secrets, 32 bytes. */
  sealKey: Buffer;
}

export function makeAgreementKey(): AgreementKey {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return { publicKey: PublicKey.parse(publicKey.export({ format: "jwk" }).x), privateKey };
}

export function makeSessionNonce(): SessionNonce {
  return SessionNonce.parse(randomBytes(16).toString("base64url"));
}

/** A session that no node has: whatever is signed in it is refused as stale, which tells the node to say hello again. */
export function makeNobodysSession(): Session {
  return { nonce: makeSessionNonce(), macKey: randomBytes(32), sealKey: randomBytes(32) };
}

/** What both sides put into the agreement; all of it is bound to the keys. */
export interface Agreement {
  node: NodeId;
  nonce: SessionNonce;
  agentKey: PublicKey;
  controllerKey: PublicKey;
}

/**
 * The session that two halves make: X25519, then HKDF-SHA256 with the nonce as salt. Throws `bad_message` for a public
 * key that is no point of the curve or makes an all-zero secret.
 */
export function agreeSession(privateKey: KeyObject, peer: PublicKey, agreement: Agreement): Session {
  const { node, nonce, agentKey, controllerKey } = agreement;
  const info = canonicalJson(["ff.v1.session", node, agentKey, controllerKey]);
  const keys = Buffer.from(
    hkdfSync("sha256", sharedSecret(privateKey, peer), Buffer.from(nonce, "base64url"), info, 64),
  );
  return { nonce, macKey: keys.subarray(0, 32), sealKey: keys.subarray(32) };
}

function sharedSecret(privateKey: KeyObject, peer: PublicKey): Buffer {
  try {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x: peer }, format: "jwk" });
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw new FlashfleetError("bad_message", `cannot agree on a session key: ${peer} is not a usable X25519 key`, {
      cause,
    });
  }
}

/** An order as it goes out in this session. */
export function signOrder(session: Session, unsigned: UnsignedOrder, secrets?: SealedSecrets): Order {
  const order = { ...unsigned, session: session.nonce, ...(secrets === undefined ? {} : { secrets }) };
  return { ...order, mac: mac(session, order).toString("base64url") };
}

/**
 * Whether an order, as it came from the wire, was signed in this session and not altered: members that this version
 * does not know count too. Takes the same time wherever two MACs differ.
 */
export function isAuthentic(session: Session, wire: Json): boolean {
  if (!isJsonRecord(wire) || typeof wire.mac !== "string" || wire.session !== session.nonce) return false;
  const { mac: given, ...rest } = wire;
  const expected = mac(session, rest);
  const actual = Buffer.from(given, "base64url");
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function mac(session: Session, rest: object): Buffer {
  return createHmac("sha256", session.macKey).update("ff.v1.order\n").update(canonicalJson(rest)).digest();
}
