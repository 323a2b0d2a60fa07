import type { z } from "zod";
import { FlashfleetError } from "../errors.ts";
import { isJson, type Json } from "../protocol/json.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The JSON value of a message. Throws `bad_message`. */
export function decode(data: Uint8Array, what: string): Json {
  try {
    const value: unknown = JSON.parse(decoder.decode(data));
    if (isJson(value)) return value;
  } catch (cause) {
    throw new FlashfleetError("bad_message", `cannot read ${what}: it is no JSON`, { cause });
  }
  throw new FlashfleetError("bad_message", `cannot read ${what}: it is no JSON`);
}

/** A value as its schema has it. Throws `bad_message` that names the first members that are wrong, never their values. */
export function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join(".") || "the message"}: ${message}`);
  throw new FlashfleetError("bad_message", `cannot read ${what}: ${problems.join("; ")}`);
}
