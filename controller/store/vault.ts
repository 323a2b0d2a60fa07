import { hkdfSync, randomBytes } from "node:crypto";
import { FlashfleetError } from "../../shared/errors.ts";
import { seal, unseal } from "../../shared/identity/seal.ts";
import { SealedSecrets } from "../../shared/protocol/order.ts";
import { Secret } from "../../shared/secret.ts";
import { readOrMake } from "./private-file.ts";

/** A secret as JetStream keeps it. */
export const Sealed = SealedSecrets;
export type Sealed = SealedSecrets;

/** Encrypts what may lie in JetStream, with a key that never does. */
export class Vault {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** `context` says where the value belongs (bucket and key): put anywhere else, it does not open. */
  seal(context: string, secret: Secret): Sealed {
    return seal(this.#key, context, secret.reveal());
  }

  /** 32 bytes that nobody else can work out, the same for ever for one purpose. */
  derive(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync("sha256", this.#key, "", `flashfleet ${purpose}`, 32));
  }

  /** Throws `key_missing` where it was sealed by another key or for another context. */
  open(context: string, sealed: Sealed): Secret {
    return new Secret(unseal(this.#key, context, sealed));
  }
}

/** The vault whose key is in a file (32 bytes, mode 0600), made where there is none. Throws `data_directory`. */
export async function openVault(path: string): Promise<Vault> {
  const key = await readOrMake(path, () => randomBytes(32));
  if (key.length === 32) return new Vault(key);
  throw new FlashfleetError("key_missing", `cannot use ${path}: it has ${key.length} bytes, a key has 32`, {
    hint: "restore it from a backup: without it the secrets in JetStream are lost",
  });
}
