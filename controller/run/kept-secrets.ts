import * as z from "zod";
import { digest } from "../../shared/identity/digest.ts";
import { isSecretRef, type SecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { Entry } from "../../shared/protocol/spec.ts";
import { Secret } from "../../shared/secret.ts";
import type { Bucket } from "../store/bucket.ts";
import type { Sealed, Vault } from "../store/vault.ts";
import { secretName } from "./secret-names.ts";

const Kept = z.object({ version: z.string(), value: z.string() });

/**
 * The secrets that the specs of nodes refer to, of each the version that was reached last: a node that has lost its disk is
 * given its spec again, and cannot make anything of it without them. Encrypted by the vault.
 */
export class KeptSecrets {
  readonly #bucket: Bucket<Sealed>;
  readonly #vault: Vault;
  /** Versions that need not be written again. */
  readonly #written = new Map<string, string>();

  constructor(bucket: Bucket<Sealed>, vault: Vault) {
    this.#bucket = bucket;
    this.#vault = vault;
  }

  /** Keeps the values that an entry refers to, as far as they are among these. */
  async keep(entry: Entry, values: Readonly<Record<string, Secret>>): Promise<void> {
    for (const reference of referencesOf(entry)) {
      const value = values[secretName(reference)];
      if (value === undefined || this.#written.get(reference.secret) === reference.version) continue;
      const key = keyOf(reference);
      const kept = JSON.stringify({ version: reference.version, value: value.reveal() });
      const before = await this.#bucket.get(key);
      await this.#bucket.put(key, this.#vault.seal(key, new Secret(kept)), before?.revision ?? 0);
      this.#written.set(reference.secret, reference.version);
    }
  }

  /** The values that these entries refer to, by the names that orders use; one that is not known is left out. */
  async of(entries: readonly Entry[]): Promise<Record<string, Secret>> {
    const found: Record<string, Secret> = {};
    for (const reference of entries.flatMap(referencesOf)) {
      const key = keyOf(reference);
      const sealed = await this.#bucket.get(key);
      if (sealed === undefined) continue;
      const { version, value } = Kept.parse(JSON.parse(this.#vault.open(key, sealed.value).reveal()));
      if (version === reference.version) found[secretName(reference)] = new Secret(value);
    }
    return found;
  }
}

const keyOf = ({ secret }: SecretRef) => `secret.${digest(secret)}`;

function referencesOf({ resource }: Entry): SecretRef[] {
  return Object.values(resource).filter((value): value is SecretRef & typeof value => isSecretRef(value));
}
