import type { Answer } from "../../agent/orders/orders.ts";
import { Secret } from "../../shared/secret.ts";

/** Serials and uuids that the kernel draws are its own each time. */
const withoutDrawn = (text: string) => text.replace(/\(was [0-9a-f-]{15,36}\)/g, "(was drawn)");

/** What a check must say as the run does: the steps in their order, the outcome, and why not. */
export function essence({ outcome, steps = [], error }: Answer) {
  return {
    outcome,
    steps: steps.map(({ says, cost, phase, resource }) => [withoutDrawn(says), cost, phase, resource]),
    error: error && [error.code, withoutDrawn(error.message), error.hint],
  };
}

/** Secrets as what they are: two that differ must not look alike. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return `secret ${value.reveal()}`;
  if (value instanceof Map) return new Map([...value].map(([name, each]) => [name, revealed(each)]));
  if (value instanceof Set || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revealed);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revealed(each)]));
}
