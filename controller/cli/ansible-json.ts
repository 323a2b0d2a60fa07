import type { Json } from "../template/value.ts";

/** JSON as Ansible prints it: keys in their order, a space behind commas and colons; with `indent`, a line each. */
export function dump(value: Json, indent?: number): string {
  if (indent !== undefined) return JSON.stringify(sorted(value), undefined, indent);
  return inLine(sorted(value));
}

function inLine(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(inLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: ${inLine(each)}`)
    .join(", ")}}`;
}

/** Of keys that are numbers the engine keeps an order of its own: they come first. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
