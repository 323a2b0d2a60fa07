import { type Json, Refusal } from "./value.ts";

/** Why a vault's text cannot be read. */
export interface Locked {
  reason: string;
  hint: string;
}

interface Options {
  /** Shown nowhere: it came out of a vault. */
  isSecret: boolean;
  /** Whether its text may hold a template. */
  isTemplate: boolean;
  /** What stands in the file, where the value alone is encrypted. */
  encrypted?: string | undefined;
  place?: (() => string | undefined) | undefined;
}

/** A scalar of people's files that is more than its characters: `!unsafe`, `!vault`, or a part of an encrypted file. */
export class Tagged {
  readonly isSecret: boolean;
  readonly isTemplate: boolean;
  readonly #value: string | number | Locked;
  readonly #encrypted: string | undefined;
  readonly #place: (() => string | undefined) | undefined;

  constructor(value: string | number | Locked, { isSecret, isTemplate, encrypted, place }: Options) {
    this.isSecret = isSecret;
    this.isTemplate = isTemplate;
    this.#value = value;
    this.#encrypted = encrypted;
    this.#place = place;
  }

  /** The value itself. Throws a Refusal where nobody gave a password that opens it. */
  reveal(): string | number {
    if (typeof this.#value !== "object") return this.#value;
    throw new Refusal(this.#value.reason, this.#value.hint, this.#place);
  }

  /** As ansible-inventory prints it; never a secret in the clear. */
  toJSON(): Json {
    if (this.#encrypted !== undefined) return { __ansible_vault: this.#encrypted };
    return this.isSecret || typeof this.#value === "object" ? "[secret]" : this.#value;
  }
}

/** Data as people wrote it. */
export type Written = Json | Tagged | readonly Written[] | { readonly [key: string]: Written };

/** Written data as plain data: what is tagged as {@link Tagged.toJSON} shows it. */
export function plainOf(written: Written): Json {
  if (written instanceof Tagged) return written.toJSON();
  if (typeof written !== "object" || written === null) return written;
  if (isWrittenList(written)) return written.map(plainOf);
  return Object.fromEntries(Object.entries(written).map(([key, part]) => [key, plainOf(part)]));
}

export function isWrittenList(written: Written): written is readonly Written[] {
  return Array.isArray(written);
}

/** Written data with all that is tagged revealed; what may not be a template becomes one that gives the text. Throws a Refusal. */
export function revealed(written: Written): Json {
  if (written instanceof Tagged) {
    const value = written.reveal();
    const isPlain = typeof value !== "string" || written.isTemplate || !value.includes("{");
    return isPlain ? value : `{% raw %}${value}{% endraw %}`;
  }
  if (typeof written !== "object" || written === null) return written;
  if (isWrittenList(written)) return written.map(revealed);
  return Object.fromEntries(Object.entries(written).map(([key, part]) => [key, revealed(part)]));
}
