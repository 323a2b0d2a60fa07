import type { ErrorData } from "../../shared/errors.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Secret } from "../../shared/secret.ts";
import type { TaskResult } from "./entry.ts";

/** Every secret that a run has met: none of them leaves it in a result, a message or live output. */
export class Redaction {
  readonly #values = new Set<string>();

  add(secret: Secret): void {
    this.#values.add(secret.reveal());
  }

  text(text: string): string {
    let clean = text;
    for (const value of this.#values) clean = clean.replaceAll(value, "[secret]");
    return clean;
  }

  json(value: Json): Json {
    if (this.#values.size === 0) return value;
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((each) => this.json(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [this.text(key), this.json(each)]));
  }

  error(error: ErrorData): ErrorData {
    if (this.#values.size === 0) return error;
    return {
      ...error,
      message: this.text(error.message),
      ...(error.hint === undefined ? {} : { hint: this.text(error.hint) }),
      ...(error.cause === undefined ? {} : { cause: this.error(error.cause) }),
    };
  }

  result(result: TaskResult): TaskResult {
    if (this.#values.size === 0) return result;
    return {
      ...result,
      ...(result.item === undefined ? {} : { item: this.text(result.item) }),
      result: this.json(result.result),
      ...(result.error === undefined ? {} : { error: this.error(result.error) }),
    };
  }
}

/** no_log: what a task did, and nothing that it said. */
export function censor({ steps: _steps, ...result }: TaskResult): TaskResult {
  const hidden = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";
  return {
    ...result,
    result: { censored: hidden, changed: result.outcome === "changed" },
    ...(result.item === undefined ? {} : { item: "(censored)" }),
    ...(result.error === undefined ? {} : { error: { code: result.error.code, message: hidden } }),
  };
}
