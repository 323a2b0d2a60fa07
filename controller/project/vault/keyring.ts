import { Secret } from "../../../shared/secret.ts";
import type { Locked } from "../../template/tagged.ts";
import { decryptVaultText } from "./vault-cipher.ts";
import { parseVaultText, type VaultText, vaultDigest } from "./vault-text.ts";

/** Opens what a vault encrypted. */
export interface Keyring {
  /** The plaintext; undefined where nothing opens it. */
  open(text: VaultText): Secret | undefined;
  /** What readers found in what was opened: none of it may be seen. */
  readonly secrets: Set<string>;
}

export interface VaultPassword {
  /** Of the vault id that it is for; undefined: for any. */
  label: string | undefined;
  password: Secret;
}

/** Tries passwords: those of the text's own vault id first, then all others, as Ansible does. Remembers what it opened. */
export function passwordKeyring(passwords: readonly VaultPassword[]): Keyring & { opened(): Record<string, string> } {
  const known = new Map<string, Secret | undefined>();
  return {
    secrets: new Set(),
    open: (text) => {
      const digest = vaultDigest(text);
      if (known.has(digest)) return known.get(digest);
      const own = passwords.filter(({ label }) => label !== undefined && label === text.label);
      let found: Secret | undefined;
      for (const { password } of new Set([...own, ...passwords])) {
        const plaintext = decryptVaultText(text, password);
        if (plaintext !== undefined) found = new Secret(plaintext);
        if (found !== undefined) break;
      }
      known.set(digest, found);
      return found;
    },
    opened: () =>
      Object.fromEntries(
        [...known].flatMap(([digest, plain]) => (plain === undefined ? [] : [[digest, plain.reveal()]])),
      ),
  };
}

/** Opens what was opened before: plaintexts by the digests of their encrypted texts. */
export function openedKeyring(opened: Readonly<Record<string, string>>): Keyring {
  return {
    secrets: new Set(),
    open: (text) => {
      const digest = vaultDigest(text);
      const plain = Object.hasOwn(opened, digest) ? opened[digest] : undefined;
      return plain === undefined ? undefined : new Secret(plain);
    },
  };
}

export type Unlocked =
  | { is: "open"; plaintext: Secret }
  | ({ is: "locked" } & Locked)
  | { is: "damaged"; reason: string; hint: string | undefined };

/** Opens an encrypted text, or says why that cannot be. */
export function unlock(text: string, keyring: Keyring | undefined): Unlocked {
  const parsed = parseVaultText(text);
  if ("problem" in parsed) return { is: "damaged", reason: parsed.problem, hint: parsed.hint };
  const plaintext = keyring?.open(parsed);
  if (plaintext !== undefined) return { is: "open", plaintext };
  const { label } = parsed;
  if (keyring === undefined)
    return {
      is: "locked",
      reason: "it is encrypted, and no vault password was given",
      hint: `--vault-id ${label ?? "LABEL"}@FILE, --vault-password-file FILE or --ask-vault-pass`,
    };
  return {
    is: "locked",
    reason: "it is encrypted, and no vault password that was given opens it",
    hint:
      label === undefined
        ? "the password is another one, or the encrypted text was changed"
        : `it was encrypted under the vault id '${label}': --vault-id ${label}@FILE`,
  };
}
