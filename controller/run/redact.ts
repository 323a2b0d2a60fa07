import type { ErrorData } from "../../shared/errors.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Secret } from "../../shared/secret.ts";
import type { TaskResult } from "./entry.ts";

/** Characters of a line that is hidden by itself too: a key's lines come one by one in the output of a command. */
const leastOfLine = 8;
/** Characters: shorter values from a vault are not hidden, because they are parts of ordinary words. Of numbers more. */
const leastOfVault = 4;
const leastOfNumber = 6;

/** Every secret that a run has met: none of them leaves it in a result, a message or live output. */
export class Redaction {
  readonly #values = new Set<string>();
  /** What a vault kept: it may grow while the run reads more files. */
  readonly #vault: ReadonlySet<string>;
  #pattern: RegExp | undefined;
  #seen = 0;

  constructor(vault: ReadonlySet<string> = new Set()) {
    this.#vault = vault;
  }

  add(secret: Secret): void {
    this.#values.add(secret.reveal());
  }

  text(text: string): string {
    const pattern = this.#whole();
    return pattern === undefined ? text : text.replace(pattern, "[secret]");
  }

  json(value: Json): Json {
    if (this.#whole() === undefined) return value;
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number") return this.text(String(value)) === String(value) ? value : "[secret]";
    if (Array.isArray(value)) return value.map((each) => this.json(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [this.text(key), this.json(each)]));
  }

  error(error: ErrorData): ErrorData {
    if (this.#whole() === undefined) return error;
    return {
      ...error,
      message: this.text(error.message),
      ...(error.hint === undefined ? {} : { hint: this.text(error.hint) }),
      ...(error.cause === undefined ? {} : { cause: this.error(error.cause) }),
    };
  }

  result(result: TaskResult): TaskResult {
    if (this.#whole() === undefined) return result;
    const { item, steps, error } = result;
    return {
      ...result,
      ...(item === undefined ? {} : { item: this.text(item) }),
      result: this.json(result.result),
      ...(steps === undefined ? {} : { steps: steps.map((step) => ({ ...step, says: this.text(step.says) })) }),
      ...(error === undefined ? {} : { error: this.error(error) }),
    };
  }

  /** One expression for all of them, the longest first: one may be the beginning of another. */
  #whole(): RegExp | undefined {
    const count = this.#values.size + this.#vault.size;
    if (count === this.#seen) return this.#pattern;
    this.#seen = count;
    const forms = new Set([...this.#values].flatMap(formsOf));
    for (const value of this.#vault) {
      const least = /^\d*$/.test(value) ? leastOfNumber : leastOfVault;
      if (value.trim().length >= least) for (const form of formsOf(value)) forms.add(form);
    }
    const longestFirst = [...forms].sort((a, b) => b.length - a.length).map(quoted);
    this.#pattern = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.join("|"), "g");
    return this.#pattern;
  }
}

/** How a secret may stand in a text: as it is, within JSON, and line by line. */
function formsOf(value: string): string[] {
  const trimmed = value.trim();
  const lines = trimmed.includes("\n") ? trimmed.split("\n").map((line) => line.trim()) : [];
  const forms = [trimmed, ...lines.filter((line) => line.length >= leastOfLine)];
  return [...forms, ...forms.map((form) => JSON.stringify(form).slice(1, -1))].filter((form) => form !== "");
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
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
