import { whyUnknown } from "./refused.ts";
import type { TokenCursor } from "./token-cursor.ts";

/** The name of a filter or a test that there is, so that a wrong one shows before anything runs. */
export function knownName(
  tokens: TokenCursor,
  what: string,
  sort: "filter" | "test",
  table: Readonly<Record<string, unknown>>,
): string {
  const { at } = tokens.peek();
  const name = dottedName(tokens, what);
  if (Object.hasOwn(table, name)) return name;
  const { reason, hint } = whyUnknown(sort, name, Object.keys(table));
  throw tokens.problemAt(at, reason, hint);
}

/** A name with the collection before it, as in `ansible.builtin.to_json`: the last part counts. */
function dottedName(tokens: TokenCursor, what: string): string {
  let token = tokens.take();
  if (token.is !== "name") throw tokens.unexpected(what, token);
  while (tokens.isOperator(".") && tokens.peek(1).is === "name") {
    tokens.take();
    token = tokens.take();
  }
  return token.text;
}
