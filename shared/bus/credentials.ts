import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { FlashfleetError } from "../errors.ts";
import { Secret } from "../secret.ts";

/** The environment, as far as it says where tokens are. */
export interface CredentialsEnvironment {
  XDG_STATE_HOME?: string | undefined;
  FLASHFLEET_NATS_TOKEN?: string | undefined;
}

export interface Address {
  /** Without a token. */
  url: string;
  token: Secret | undefined;
}

/** Where a controller leaves the token of its own nats-server for this user's agents on the same machine. */
function sharedFile(environment: CredentialsEnvironment, url: string): string {
  const state = environment.XDG_STATE_HOME ?? join(homedir(), ".local", "state");
  return join(state, "flashfleet", "bus", `${new URL(url).host.replaceAll(/[^\w.-]/g, "_")}.token`);
}

/** Leaves a token, 0600, for agents that this user starts with this address on this machine. */
export async function shareToken(environment: CredentialsEnvironment, url: string, token: Secret): Promise<void> {
  const path = sharedFile(environment, url);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, `${token.reveal()}\n`, { mode: 0o600 });
}

/**
 * The token for an address, from where a person may have put it: `tokenFile`, the address itself (nats://TOKEN@host),
 * FLASHFLEET_NATS_TOKEN, or what a controller of the same user left on this machine. Throws `bad_argument` for an
 * address that is none, or a file that cannot be read.
 */
export async function resolveAddress(
  text: string,
  environment: CredentialsEnvironment,
  tokenFile: string | undefined,
): Promise<Address> {
  let url: URL;
  try {
    url = new URL(text.includes("://") ? text : `nats://${text}`);
  } catch (cause) {
    throw new FlashfleetError("bad_argument", `cannot use ${JSON.stringify(text)} as the address of nats-server`, {
      hint: "it looks like nats://10.0.0.1:4222",
      cause,
    });
  }
  const inUrl = decodeURIComponent(url.password || url.username);
  url.username = "";
  url.password = "";
  const plain = `${url.protocol}//${url.host}`;
  const given = tokenFile === undefined ? inUrl || environment.FLASHFLEET_NATS_TOKEN : await readToken(tokenFile);
  const token = given || (await readFile(sharedFile(environment, plain), "utf8").catch(() => "")).trim();
  return { url: plain, token: token ? new Secret(token) : undefined };
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new FlashfleetError("bad_argument", `cannot read the token file ${path}`, {
      hint: "the controller writes it into its data directory; copy it to the node, 0600",
      cause,
    });
  }
}
