import { createHash } from "node:crypto";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, takeText } from "../take.ts";
import { excerpt, Refusal, type Value } from "../value.ts";
import { type Filter, type Filters, onText } from "./filter.ts";

/** Names of Python's hashlib, as OpenSSL has them. */
const algorithms: Readonly<Record<string, string>> = {
  md5: "md5",
  sha1: "sha1",
  sha224: "sha224",
  sha256: "sha256",
  sha384: "sha384",
  sha512: "sha512",
  sha3_224: "sha3-224",
  sha3_256: "sha3-256",
  sha3_384: "sha3-384",
  sha3_512: "sha3-512",
  blake2b: "blake2b512",
  blake2s: "blake2s256",
};

function digestOf(text: string, name: string): string {
  const algorithm = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (algorithm === undefined)
    throw new Refusal(`there is no hash ${excerpt(name)}`, `there are ${Object.keys(algorithms).join(", ")}`);
  return createHash(algorithm).update(text).digest("hex");
}

function hash(name: string): Filter {
  return onText([], (text) => digestOf(text, name));
}

/** Names of encodings that Python knows as well as Node, without dashes and underscores. */
const encodings: Readonly<Record<string, "utf8" | "utf16le" | "latin1">> = {
  utf8: "utf8",
  utf16le: "utf16le",
  latin1: "latin1",
  iso88591: "latin1",
};

function encodingOf(args: CallArguments): "utf8" | "utf16le" | "latin1" {
  const name = takeText(argument(args, 0, "encoding") ?? "utf-8", "encoding");
  const known = name.toLowerCase().replaceAll(/[-_]/g, "");
  const encoding = Object.hasOwn(encodings, known) ? encodings[known] : undefined;
  if (encoding === undefined)
    throw new Refusal(`there is no encoding ${excerpt(name)}`, "there are utf-8, utf-16-le and latin-1");
  return encoding;
}

function encode(text: string, args: CallArguments, { budget }: Evaluation): string {
  const encoded = Buffer.from(text, encodingOf(args)).toString("base64");
  budget.spendText(encoded.length);
  return encoded;
}

/** Characters that are not of base 64 are passed over, as Python does. */
function decode(text: string, args: CallArguments): string {
  const digits = text.replaceAll(/[^A-Za-z0-9+/=]/g, "");
  const body = digits.replace(/=.*$/, "");
  if (body.length % 4 === 1 || digits.length - body.length < (4 - (body.length % 4)) % 4)
    throw new Refusal("the text is not base 64: it is cut off, or lacks its '='");
  const bytes = Buffer.from(body, "base64");
  const encoding = encodingOf(args);
  const decoded = bytes.toString(encoding);
  if (encoding === "utf8" && !Buffer.from(decoded).equals(bytes))
    throw new Refusal(
      "what base 64 stands for is not text in UTF-8",
      "give its encoding: b64decode(encoding='utf-16-le')",
    );
  return decoded;
}

/** Ansible's own namespace of UUIDs. */
const ansibleNamespace = "361E6D51-FAEC-444A-9079-341386DA8E2E";

/** The UUID of version 5 that a text has in a namespace (RFC 4122). */
function uuid(text: string, args: CallArguments): string {
  const namespace = takeText(argument(args, 0, "namespace") ?? ansibleNamespace, "namespace");
  const digits = namespace.replace(/^urn:uuid:/, "").replaceAll(/[-{}]/g, "");
  if (!/^[0-9a-fA-F]{32}$/.test(digits)) throw new Refusal(`the namespace ${excerpt(namespace)} is not a UUID`);
  const bytes = createHash("sha1").update(Buffer.from(digits, "hex")).update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The check sum of zlib, IEEE 802.3, in hexadecimal digits. */
function crc32(value: Value, { budget }: Evaluation): string {
  const bytes = Buffer.from(takeText(value, "what 'crc32' reads"));
  budget.spend(1 + Math.floor(bytes.length / 8));
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ((sum ^ 0xffffffff) >>> 0).toString(16);
}

/** Filters that make digests and encodings of a text. */
export const digestFilters: Filters = {
  md5: hash("md5"),
  sha1: hash("sha1"),
  checksum: hash("sha1"),
  hash: onText(["hashtype"], (text, args) =>
    digestOf(text, takeText(argument(args, 0, "hashtype") ?? "sha1", "hashtype")),
  ),
  crc32: { takes: [], does: (value, _, evaluation) => crc32(value, evaluation) },
  b64encode: onText(["encoding"], encode),
  b64decode: onText(["encoding"], decode),
  to_uuid: onText(["namespace"], uuid),
};
