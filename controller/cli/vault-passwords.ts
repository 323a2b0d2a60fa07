import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { promisify } from "node:util";
import { FlashfleetError } from "../../shared/errors.ts";
import { Secret } from "../../shared/secret.ts";
import type { VaultPassword } from "../project/vault/keyring.ts";
import type { Context } from "./context.ts";

export interface VaultOptions {
  /** Files, or programs that print a password. */
  vaultPasswordFile?: string[];
  /** `LABEL@FILE`, `LABEL@prompt` or `FILE`. */
  vaultId?: string[];
  askVaultPass?: boolean;
}

/** Milliseconds for a program that prints a password: it may ask a person for a PIN. */
const programMillis = 120_000;

/** All vault passwords that were given, in the order in which they are tried. Throws `bad_argument`. */
export async function readVaultPasswords(options: VaultOptions, context: Context): Promise<VaultPassword[]> {
  const found: VaultPassword[] = [];
  for (const given of options.vaultId ?? []) {
    const at = given.lastIndexOf("@");
    const label = at > 0 ? given.slice(0, at) : undefined;
    const source = given.slice(at + 1);
    const password = source === "prompt" ? await ask(context, label) : await readPassword(source, label);
    found.push({ label, password });
  }
  if (options.askVaultPass) found.push({ label: undefined, password: await ask(context, undefined) });
  for (const path of options.vaultPasswordFile ?? [])
    found.push({ label: undefined, password: await readPassword(path, undefined) });
  return found;
}

async function ask({ ask: question }: Context, label: string | undefined): Promise<Secret> {
  if (question === undefined)
    throw new FlashfleetError("bad_argument", "cannot ask for the vault password: stdin is no terminal", {
      hint: "--vault-password-file FILE",
    });
  return checked(await question(`Vault password${label === undefined ? "" : ` (${label})`}: `), "what was typed");
}

/** The file's first line; what a program prints where the file can be executed. One that ends in -client is told the label. */
async function readPassword(path: string, label: string | undefined): Promise<Secret> {
  try {
    const isProgram = ((await stat(path)).mode & 0o111) !== 0;
    if (!isProgram) return checked(await readFile(path, "utf8"), path);
    const words = /-client(\.[^.]*)?$/.test(basename(path)) ? ["--vault-id", label ?? "default"] : [];
    const { stdout } = await promisify(execFile)(resolve(path), words, { timeout: programMillis });
    return checked(stdout, path);
  } catch (cause) {
    if (cause instanceof FlashfleetError) throw cause;
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new FlashfleetError("bad_argument", `cannot read the vault password from ${path}: ${reason}`, {
      hint: "--vault-password-file FILE names a file with the password, or a program that prints it",
    });
  }
}

function checked(text: string, from: string): Secret {
  const password = text.trim();
  if (password !== "") return new Secret(password);
  throw new FlashfleetError("bad_argument", `cannot use the vault password from ${from}: it is empty`);
}
