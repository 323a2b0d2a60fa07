import { type ErrorData, FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { type CompiledValue, compileValue, type Path } from "../template/compiled-value.ts";
import { Scope } from "../template/scope.ts";
import { didYouMean } from "../template/suggest.ts";
import {
  type CompiledExpression,
  compileExpression,
  compileTemplate,
  mayBeTemplate,
  type Template,
} from "../template/template.ts";
import { fixedKeywords, ignoredKeywords, type Later } from "./keywords.ts";
import type { VariableMap } from "./playbook.ts";
import type { SourceFile } from "./source-file.ts";
import type { Keyring } from "./vault/keyring.ts";
import { describeNode, entryOf, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

const nothing = compileValue(null);
const nowhere = new Scope([]);
const identifier = /^[A-Za-z_]\w*$/;
const truths: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  no: false,
  off: false,
  false: false,
};

/** Reads the parts of one play or task and collects its mistakes; a part that is wrong reads as if it were not there. */
export class Reader {
  readonly file: SourceFile;
  /** What messages call it: "task 'Export'". */
  readonly what: string;
  /** Opens what a vault encrypted. */
  readonly keyring: Keyring | undefined;
  readonly #problems: ErrorData[];

  constructor(file: SourceFile, what: string, problems: ErrorData[], keyring?: Keyring) {
    this.file = file;
    this.what = what;
    this.keyring = keyring;
    this.#problems = problems;
  }

  /** The same for a part of it. */
  of(what: string): Reader {
    return new Reader(this.file, what, this.#problems, this.keyring);
  }

  /** The same for a task, a block or a play, called by its name where it has one. */
  named(sort: string, node: YamlNode): Reader {
    const name = entryOf(node, "name")?.value;
    return this.of(name?.is === "scalar" && name.value !== null ? `${sort} '${name.value}'` : `the ${sort}`);
  }

  /** The same for another file. */
  elsewhere(file: SourceFile): Reader {
    return new Reader(file, file.name, this.#problems, this.keyring);
  }

  /** Mistakes of another origin. */
  problems(problems: readonly ErrorData[]): void {
    this.#problems.push(...problems);
  }

  problem(at: number, reason: string, hint?: string): undefined {
    const message = `cannot read ${this.what}: ${reason}`;
    this.#problems.push({
      code: "bad_playbook",
      message,
      ...(hint === undefined ? {} : { hint }),
      place: this.file.place(at),
    });
  }

  wrong({ key, value }: YamlEntry, wanted: string, hint?: string): undefined {
    return this.problem(value.at, `'${key}' must be ${wanted}, got ${describeNode(value)}`, hint);
  }

  /** The keywords by name. Ones that are not there yet, have no meaning here or are misspelt are dealt with. */
  keywords(entries: readonly YamlEntry[], known: readonly string[], later: Later): Map<string, YamlEntry> {
    const found = new Map<string, YamlEntry>();
    for (const entry of entries) {
      const { key, keyAt } = entry;
      const fixed = Object.hasOwn(fixedKeywords, key) ? fixedKeywords[key] : undefined;
      if (known.includes(key)) found.set(key, entry);
      else if (ignoredKeywords.has(key)) continue;
      else if (Object.hasOwn(later, key)) this.problem(keyAt, `'${key}' is not supported yet`, later[key]);
      else if (key.startsWith("with_")) this.problem(keyAt, `'${key}' stands on a task or an include`);
      else if (fixed !== undefined) this.#fixed(entry, fixed);
      else this.problem(keyAt, `there is no keyword '${key}'`, didYouMean(key, known));
    }
    return found;
  }

  #fixed({ key, value }: YamlEntry, [only, reason]: readonly [string, string]): void {
    if (value.is !== "scalar" || value.value !== only)
      this.problem(value.at, `'${key}' can only be '${only}' for now`, reason);
  }

  text(entry: YamlEntry | undefined): string | undefined {
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (value.is === "scalar" && value.value !== null) return String(value.value);
    return this.wrong(entry, "text");
  }

  template(entry: YamlEntry | undefined): Template | undefined {
    const text = this.text(entry);
    if (text === undefined || entry === undefined) return undefined;
    return this.compiled(() => compileTemplate(text, (offset) => this.file.placeBelow(entry.value, [], offset)));
  }

  oneOf<W extends string>(entry: YamlEntry | undefined, words: readonly W[]): W | undefined {
    const text = this.text(entry);
    const found = words.find((word) => word === text);
    if (entry === undefined || text === undefined || found !== undefined) return found;
    return this.problem(entry.value.at, `'${entry.key}' must be ${words.join(" or ")}, got '${text}'`);
  }

  /** A name that templates can use. */
  identifier(entry: YamlEntry | undefined): string | undefined {
    const text = this.text(entry);
    if (text === undefined || entry === undefined || identifier.test(text)) return text;
    return this.problem(
      entry.value.at,
      `'${text}' is no name for a variable`,
      "a name has letters, digits and _, and does not begin with a digit",
    );
  }

  /** True or false, in any of Ansible's forms, or a template that tells. */
  flag(entry: YamlEntry | undefined): CompiledExpression | undefined {
    if (entry === undefined) return undefined;
    const { value } = entry;
    if (value.is === "scalar" && typeof value.value === "boolean") return compileExpression(String(value.value));
    if (value.is === "scalar" && typeof value.value === "string") {
      const word = value.value.toLowerCase();
      if (Object.hasOwn(truths, word)) return compileExpression(String(truths[word]));
      if (mayBeTemplate(value.value)) return this.expression(value);
    }
    return this.wrong(entry, "true or false");
  }

  /** True or false where a template can be none. */
  constantFlag(entry: YamlEntry | undefined): boolean | undefined {
    if (entry?.value.is === "scalar" && typeof entry.value.value === "string" && mayBeTemplate(entry.value.value))
      return this.wrong(entry, "true or false, and no template");
    return this.flag(entry)?.holds(nowhere);
  }

  number(entry: YamlEntry | undefined, least: number, most = Infinity): number | undefined {
    if (entry === undefined) return undefined;
    const { value } = entry;
    const number =
      value.is === "scalar" && typeof value.value === "string" && /^\d+$/.test(value.value)
        ? Number(value.value)
        : value.is === "scalar"
          ? value.value
          : undefined;
    if (typeof number === "number" && number >= least && number <= most) return number;
    return this.wrong(entry, most === Infinity ? `a number from ${least} on` : `a number from ${least} to ${most}`);
  }

  /** A number, or a template that gives one. */
  numberOrTemplate(entry: YamlEntry | undefined, otherwise: number): CompiledValue {
    if (entry === undefined) return compileValue(otherwise);
    const { value } = entry;
    if (value.is === "scalar" && typeof value.value === "string" && mayBeTemplate(value.value))
      return this.value(value);
    return compileValue(this.number(entry, 0) ?? otherwise);
  }

  /** One expression, or a list of them; true and false are expressions. */
  expressions(entry: YamlEntry | undefined): CompiledExpression[] | undefined {
    if (entry === undefined) return undefined;
    const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
    return nodes.flatMap((node) => {
      if (node.is === "scalar" && node.value !== null && node.value !== "") return this.expression(node) ?? [];
      this.problem(node.at, `'${entry.key}' must be an expression or a list of expressions, got ${describeNode(node)}`);
      return [];
    });
  }

  expression(node: YamlNode): CompiledExpression | undefined {
    if (node.is !== "scalar") return undefined;
    const text = String(node.value);
    return this.compiled(() => compileExpression(text, (offset) => this.file.placeBelow(node, [], offset)));
  }

  /** Words, of a list or between commas. */
  words(entry: YamlEntry | undefined): string[] {
    if (entry === undefined) return [];
    const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
    const texts = nodes.flatMap((node) =>
      node.is === "scalar" && node.value !== null
        ? String(node.value).split(",")
        : (this.wrong(entry, "text or a list of texts") ?? []),
    );
    return texts.map((text) => text.trim()).filter((text) => text !== "");
  }

  vars(entry: YamlEntry | undefined): VariableMap {
    const found = new Map<string, CompiledValue>();
    if (entry === undefined) return found;
    if (entry.value.is !== "mapping") {
      if (entry.value.is !== "scalar" || entry.value.value !== null) this.wrong(entry, "a mapping of variables");
      return found;
    }
    for (const { key, keyAt, value } of entry.value.entries) {
      if (identifier.test(key)) found.set(key, this.value(value));
      else
        this.problem(
          keyAt,
          `'${key}' is no name for a variable`,
          "a name has letters, digits and _, and does not begin with a digit",
        );
    }
    return found;
  }

  /** Any value with its templates compiled; each text that cannot be is a mistake of its own. */
  value(node: YamlNode): CompiledValue {
    if (!this.texts(node)) return nothing;
    return compileValue(nodeToJson(node), (path: Path, offset) => this.file.placeBelow(node, path, offset));
  }

  /** Whether all texts of a node can be compiled; each that cannot is told. */
  texts(node: YamlNode): boolean {
    const before = this.#problems.length;
    this.#compileTexts(node);
    return this.#problems.length === before;
  }

  #compileTexts(node: YamlNode): void {
    if (node.is === "list") for (const item of node.items) this.#compileTexts(item);
    else if (node.is === "mapping") for (const { value } of node.entries) this.#compileTexts(value);
    else if (node.tagged === undefined && typeof node.value === "string" && node.value.includes("{")) {
      const text = node.value;
      this.compiled(() => compileTemplate(text, (offset) => this.file.placeBelow(node, [], offset)));
    }
  }

  /** What a compiler gives, or undefined with the mistake told. */
  compiled<T>(compile: () => T): T | undefined {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof FlashfleetError)) throw error;
      this.#problems.push(toErrorData(error));
      return undefined;
    }
  }
}
