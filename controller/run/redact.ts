import { createHmac } from "node:crypto";
import type { ErrorData } from "../../shared/errors.ts";
import { isJsonRecord, type Json } from "../../shared/protocol/json.ts";
import type { Secret } from "../../shared/secret.ts";
import type { TaskResult } from "./entry.ts";
import { formsOf } from "./secret-forms.ts";

/** Characters: shorter values from a vault are not hidden, because they are parts of ordinary words. Of numbers more. */
const leastOfVault = 4;
const leastOfNumber = 6;

/** Every secret that a run has met: none of them leaves it in a result, a message or live output. */
export class Redaction {
  readonly #values = new Set<string>();
  /** What a vault kept: it may grow while the run reads more files. */
  readonly #vault: ReadonlySet<string>;
  /** Regular expressions of what is hidden by its form. */
  #forms: readonly string[] = [];
  #pattern: RegExp | undefined;
  #seen = 0;

  constructor(vault: ReadonlySet<string> = new Set()) {
    this.#vault = vault;
  }

  /** The run makes keys of its own, too many to look for each: all that has their form is hidden (NVMe Base 2.0, 8.13.5.8). */
  hideDhchapKeys(): void {
    if (this.#forms.length > 0) return;
    this.#forms = ["DHHC-1:[0-9a-f]{2}:[A-Za-z0-9+/]+=*:"];
    this.#seen = -1;
  }

  add(secret: Secret): void {
    this.#values.add(secret.reveal());
  }

  /** Whether there is anything to hide. */
  get isActive(): boolean {
    return this.#whole() !== undefined;
  }

  text(text: string): string {
    const pattern = this.#whole();
    return pattern === undefined ? text : text.replace(pattern, "[secret]");
  }

  /** The same for a name: two that differ in what is hidden still differ, by a digest under a key. */
  distinct(name: string, key: Uint8Array): string {
    const shown = this.text(name);
    return shown === name ? name : `${shown}#${createHmac("sha256", key).update(name).digest("hex").slice(0, 16)}`;
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
      result: this.#withoutOldSecrets(result.result, this.json(result.result)),
      ...(steps === undefined ? {} : { steps: steps.map((step) => ({ ...step, says: this.text(step.says) })) }),
      ...(error === undefined ? {} : { error: this.error(error) }),
    };
  }

  /** Of a file that holds a secret now, a line that goes may hold the one of before, which nobody knows by now. */
  #withoutOldSecrets(given: Json, shown: Json): Json {
    if (!isJsonRecord(given) || !isJsonRecord(given.diff) || !isJsonRecord(shown) || !isJsonRecord(shown.diff))
      return shown;
    const { before, after } = shown.diff;
    if (typeof before !== "string" || typeof after !== "string" || after === given.diff.after) return shown;
    const stay = new Set(after.split("\n"));
    const lines = before.split("\n").map((line) => (stay.has(line) ? line : "[hidden]"));
    return { ...shown, diff: { ...shown.diff, before: lines.join("\n") } };
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
    const longestFirst = [...[...forms].sort((a, b) => b.length - a.length).map(quoted), ...this.#forms];
    this.#pattern = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.join("|"), "g");
    return this.#pattern;
  }
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Live output of a program, in pieces that may end within a secret: what begins a line is held back until the line is whole. */
export class LiveRedaction {
  readonly #redaction: Redaction;
  readonly #show: (text: string, stream?: "stdout" | "stderr") => void;
  readonly #held = { stdout: "", stderr: "", other: "" };

  constructor(redaction: Redaction, show: (text: string, stream?: "stdout" | "stderr") => void) {
    this.#redaction = redaction;
    this.#show = show;
  }

  take(text: string, stream?: "stdout" | "stderr"): void {
    if (!this.#redaction.isActive) {
      this.#show(text, stream);
      return;
    }
    const whole = this.#held[stream ?? "other"] + text;
    const end = Math.max(whole.lastIndexOf("\n"), whole.lastIndexOf("\r")) + 1;
    this.#held[stream ?? "other"] = whole.slice(end);
    if (end > 0) this.#show(this.#redaction.text(whole.slice(0, end)), stream);
  }

  /** No more comes. */
  end(): void {
    for (const stream of ["stdout", "stderr", "other"] as const) {
      const rest = this.#held[stream];
      this.#held[stream] = "";
      if (rest !== "") this.#show(this.#redaction.text(rest), stream === "other" ? undefined : stream);
    }
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
