import { randomUUID } from "node:crypto";
import { chown, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { FlashfleetError } from "../../shared/errors.ts";
import { passwordKeyring, unlock, type VaultPassword } from "../project/vault/keyring.ts";
import { encryptVaultText } from "../project/vault/vault-cipher.ts";
import { isVaultText } from "../project/vault/vault-text.ts";
import { type Context, exitCodes } from "./context.ts";
import { readVaultPasswords, type VaultOptions } from "./vault-passwords.ts";

export interface EncryptOptions extends VaultOptions {
  /** Of several passwords, the one to encrypt with. */
  encryptVaultId?: string;
}

export interface RekeyOptions extends VaultOptions {
  newVaultPasswordFile?: string;
  newVaultId?: string;
}

export async function encryptFiles(
  context: Context,
  paths: readonly string[],
  options: EncryptOptions,
): Promise<number> {
  const password = choose(await passwordsOf(context, options), options.encryptVaultId);
  for (const path of paths) {
    const text = await read(path);
    if (isVaultText(text)) throw new FlashfleetError("bad_argument", `cannot encrypt ${path}: it is encrypted already`);
    await replace(path, encrypt(text, password));
  }
  context.say("Encryption successful\n");
  return exitCodes.fine;
}

export async function decryptFiles(context: Context, paths: readonly string[], options: VaultOptions): Promise<number> {
  const passwords = await passwordsOf(context, options);
  for (const path of paths) await replace(path, decrypt(path, await read(path), passwords));
  context.say("Decryption successful\n");
  return exitCodes.fine;
}

export async function viewFiles(context: Context, paths: readonly string[], options: VaultOptions): Promise<number> {
  const passwords = await passwordsOf(context, options);
  for (const path of paths) {
    const text = decrypt(path, await read(path), passwords);
    context.out(text.endsWith("\n") ? text : `${text}\n`);
  }
  return exitCodes.fine;
}

export async function rekeyFiles(context: Context, paths: readonly string[], options: RekeyOptions): Promise<number> {
  const passwords = await passwordsOf(context, options);
  const { newVaultPasswordFile, newVaultId } = options;
  const given = {
    ...(newVaultPasswordFile === undefined ? {} : { vaultPasswordFile: [newVaultPasswordFile] }),
    ...(newVaultId === undefined ? {} : { vaultId: [newVaultId] }),
  };
  const password = choose(await passwordsOf(context, given), undefined);
  for (const path of paths) await replace(path, encrypt(decrypt(path, await read(path), passwords), password));
  context.say("Rekey successful\n");
  return exitCodes.fine;
}

/** Prints values as variables of a YAML file; without a name, the encrypted text alone. */
export async function encryptStrings(
  context: Context,
  texts: readonly string[],
  options: EncryptOptions & { name?: string },
): Promise<number> {
  const password = choose(await passwordsOf(context, options), options.encryptVaultId);
  for (const text of texts) {
    const lines = encrypt(text, password).trimEnd().split("\n");
    const key = options.name === undefined ? "" : `${options.name}: `;
    context.out(`${key}!vault |\n${lines.map((line) => `${" ".repeat(10)}${line}\n`).join("")}`);
  }
  context.say("Encryption successful\n");
  return exitCodes.fine;
}

/** The passwords that were given; where none was, a person is asked for one. */
async function passwordsOf(context: Context, options: VaultOptions): Promise<VaultPassword[]> {
  const given = await readVaultPasswords(options, context);
  return given.length > 0 ? given : readVaultPasswords({ askVaultPass: true }, context);
}

function choose(passwords: readonly VaultPassword[], wanted: string | undefined): VaultPassword {
  const fitting = wanted === undefined ? passwords : passwords.filter(({ label }) => label === wanted);
  const [first] = fitting;
  if (first !== undefined && (wanted !== undefined || passwords.length === 1)) return first;
  const labels = passwords.map(({ label }) => label ?? "default").join(", ");
  throw new FlashfleetError(
    "bad_argument",
    `cannot tell which vault password to encrypt with: ${wanted === undefined ? "there are several" : `none is '${wanted}'`}`,
    { hint: `--encrypt-vault-id names one of ${labels}` },
  );
}

function encrypt(text: string, { label, password }: VaultPassword): string {
  return encryptVaultText(text, password, { label });
}

function decrypt(path: string, text: string, passwords: readonly VaultPassword[]): string {
  if (!isVaultText(text)) throw new FlashfleetError("bad_argument", `cannot decrypt ${path}: it is not encrypted`);
  const unlocked = unlock(text, passwordKeyring(passwords));
  if (unlocked.is === "open") return unlocked.plaintext.reveal();
  throw new FlashfleetError("bad_argument", `cannot decrypt ${path}: ${unlocked.reason}`, { hint: unlocked.hint });
}

async function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashfleetError("bad_argument", `cannot read ${path}: ${reason}`, { cause });
  });
}

/** The old text or the new one is there, never half of it; only its owner may read what is new. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true });
    const { uid, gid } = await stat(path);
    await chown(draft, uid, gid).catch(() => undefined);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
