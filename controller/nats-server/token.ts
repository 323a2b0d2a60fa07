import { randomBytes } from "node:crypto";
import { FlashfleetError } from "../../shared/errors.ts";
import { Secret } from "../../shared/secret.ts";
import { readOrMake } from "../store/private-file.ts";

/** The token that lets clients in: made once, kept in a file of its own with mode 0600. Throws `data_directory`. */
export async function readOrMakeToken(path: string): Promise<Secret> {
  const kept = await readOrMake(path, () => `${randomBytes(24).toString("base64url")}\n`);
  const token = kept.toString("utf8").trim();
  if (/^[A-Za-z0-9_-]{16,}$/.test(token)) return new Secret(token);
  throw new FlashfleetError("data_directory", `cannot use the token in ${path}: it is not one that flashfleet made`, {
    hint: "remove the file; every agent then needs the new token",
  });
}
