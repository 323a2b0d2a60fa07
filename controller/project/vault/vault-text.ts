import { createHash } from "node:crypto";

const mark = "$ANSIBLE_VAULT";
const lineLength = 80;

/** A text that ansible-vault made, taken apart. */
export interface VaultText {
  /** The vault id that it was made under; undefined for format 1.1. */
  label: string | undefined;
  salt: Buffer;
  hmac: Buffer;
  ciphertext: Buffer;
}

/** Whether a text claims to be encrypted. */
export function isVaultText(text: string): boolean {
  return text.startsWith(mark);
}

/** Takes a text apart: `$ANSIBLE_VAULT;1.2;AES256;LABEL`, then hexadecimal digits. White space in them means nothing. */
export function parseVaultText(text: string): VaultText | { problem: string; hint?: string } {
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const [, version = "", cipher = "", label] = header.split(";").map((part) => part.trim());
  if (version === "1.0" || cipher === "AES")
    return { problem: "it has the vault's old format 1.0", hint: "encrypt it anew: ansible-vault rekey" };
  if (!/^1\.[12]$/.test(version) || cipher !== "AES256")
    return {
      problem: `'${header.slice(0, 80)}' is no header of a vault that is known`,
      hint: "it begins with $ANSIBLE_VAULT;1.1;AES256 or $ANSIBLE_VAULT;1.2;AES256;LABEL",
    };
  const outer = fromHex(lines.join(""));
  const [salt, hmac, ciphertext, more] = outer?.toString("latin1").split("\n").map(fromHex) ?? [];
  const isWhole =
    salt !== undefined &&
    hmac?.length === 32 &&
    ciphertext !== undefined &&
    ciphertext.length > 0 &&
    ciphertext.length % 16 === 0 &&
    more === undefined;
  if (!isWhole)
    return {
      problem: "the encrypted text is damaged: digits are missing, or there are others than 0-9 and a-f",
      hint: "restore it from a backup or the version control",
    };
  return { label: label === "" ? undefined : label, salt, hmac, ciphertext };
}

/** Format 1.1; with a label 1.2. Ends with a newline. */
export function formatVaultText({ label, salt, hmac, ciphertext }: VaultText): string {
  const header = label === undefined ? `${mark};1.1;AES256` : `${mark};1.2;AES256;${label}`;
  const inner = [salt, hmac, ciphertext].map((part) => part.toString("hex")).join("\n");
  const digits = Buffer.from(inner, "latin1").toString("hex");
  const lines = digits.match(new RegExp(`.{1,${lineLength}}`, "g")) ?? [];
  return `${[header, ...lines].join("\n")}\n`;
}

/** A name for an encrypted text that does not depend on how its lines are broken. */
export function vaultDigest({ salt, hmac }: VaultText): string {
  return createHash("sha256").update(salt).update(hmac).digest("hex");
}

function fromHex(text: string): Buffer | undefined {
  const digits = text.replaceAll(/\s/g, "");
  return /^([0-9a-fA-F]{2})+$/.test(digits) ? Buffer.from(digits, "hex") : undefined;
}
