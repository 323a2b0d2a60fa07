import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { FlashfleetError } from "../../shared/errors.ts";
import { digest } from "../../shared/identity/digest.ts";
import { Secret } from "../../shared/secret.ts";
import { RunRequest } from "../api/messages.ts";
import type { Bucket } from "../store/bucket.ts";
import type { Sealed, Vault } from "../store/vault.ts";

/** What runs were asked for, sealed: variables, files and `-e` may hold secrets. */
export class KeptRequests {
  readonly #bucket: Bucket<Sealed>;
  readonly #vault: Vault;

  constructor(bucket: Bucket<Sealed>, vault: Vault) {
    this.#bucket = bucket;
    this.#vault = vault;
  }

  /** Keeps a request and gives the name that it lies under; two that are equal lie there once. */
  async keep(request: RunRequest): Promise<string> {
    const name = digest(request);
    if ((await this.#bucket.get(name)) !== undefined) return name;
    const sealed = this.#vault.seal(purpose(name), new Secret(await packed(request)));
    await this.#bucket.put(name, sealed, 0).catch(ignoreConflict);
    return name;
  }

  /** Throws `not_found` for one that is no longer there. */
  async get(name: string): Promise<RunRequest> {
    const found = await this.#bucket.get(name);
    if (found === undefined) throw new FlashfleetError("not_found", `there is no request ${name}`);
    return RunRequest.parse(JSON.parse(await unpacked(this.#vault.open(purpose(name), found.value).reveal())));
  }
}

/** gzip in base64: the volumes of a plan for 10,000 initiators have to go into one message of nats-server. */
async function packed(request: RunRequest): Promise<string> {
  return (await promisify(gzip)(JSON.stringify(request))).toString("base64");
}

/** Older controllers kept the JSON as it is. */
async function unpacked(text: string): Promise<string> {
  return text.startsWith("{") ? text : (await promisify(gunzip)(Buffer.from(text, "base64"))).toString("utf8");
}

const purpose = (name: string) => `request ${name}`;

/** Two runs of one request keep the same thing. */
function ignoreConflict(error: unknown): number {
  if (error instanceof FlashfleetError && error.code === "store_conflict") return 0;
  throw error;
}
