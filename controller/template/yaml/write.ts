import type { Budget } from "../budget.ts";
import { compareTexts } from "../code-points.ts";
import type { Json } from "../value.ts";
import { escaped, formsOf, readsAsText } from "./scalar.ts";

export interface YamlLayout {
  /** Columns of one level, 2 to 9. */
  indent: number;
  /** The column behind which a line is broken where it can be. */
  width: number;
  sortsKeys: boolean;
  /** Lists and mappings in brackets and braces: all, none, or those without others in them (undefined). */
  flow: boolean | undefined;
}

/** YAML of a value as PyYAML over libyaml writes it, line for line, which is what Ansible's `to_yaml` gives. */
export function writeYaml(value: Json, layout: YamlLayout, budget: Budget): string {
  return new YamlWriter(layout, budget).whole(value);
}

interface Context {
  isKey?: boolean;
  inMapping?: boolean;
}

const isScalar = (value: Json) => typeof value !== "object" || value === null;
const isJsonList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** The emitter of libyaml, as far as plain data needs it; its names for the states are kept. */
class YamlWriter {
  readonly #layout: YamlLayout;
  readonly #budget: Budget;
  readonly #parts: string[] = [];
  #length = 0;
  #column = 0;
  #indent = -1;
  #flowLevel = 0;
  #whitespace = true;
  #indention = true;

  constructor(layout: YamlLayout, budget: Budget) {
    this.#layout = layout;
    this.#budget = budget;
  }

  whole(value: Json): string {
    this.#node(value, {});
    this.#indent = -1;
    this.#writeIndent();
    return this.#parts.join("");
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#column += [...text].length;
    this.#length += text.length;
    this.#budget.spend();
    if (this.#parts.length % 1024 === 0) this.#budget.spendText(this.#length);
  }

  #break(mark = "\n"): void {
    this.#parts.push(mark);
    this.#column = 0;
  }

  #writeIndent(): void {
    const indent = Math.max(0, this.#indent);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#break();
    if (this.#column < indent) this.#put(" ".repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }

  #indicator(text: string, needsSpace: boolean, isWhitespace = false, isIndention = false): void {
    if (needsSpace && !this.#whitespace) this.#put(" ");
    this.#put(text);
    this.#whitespace = isWhitespace;
    this.#indention = this.#indention && isIndention;
  }

  /** Runs one level further in; `isLevel` false keeps the column of the level outside, as lists in mappings do. */
  #deeper(isFlow: boolean, isLevel: boolean, work: () => void): void {
    const before = this.#indent;
    if (before < 0) this.#indent = isFlow ? this.#layout.indent : 0;
    else if (isLevel) this.#indent += this.#layout.indent;
    work();
    this.#indent = before;
  }

  #node(value: Json, context: Context): void {
    if (typeof value !== "object" || value === null) this.#deeper(true, true, () => this.#scalar(value, context));
    else if (isJsonList(value)) this.#list(value, context);
    else this.#mapping(value);
  }

  #isFlow(items: readonly Json[]): boolean {
    return this.#flowLevel > 0 || items.length === 0 || (this.#layout.flow ?? items.every(isScalar));
  }

  #list(items: readonly Json[], { inMapping = false }: Context): void {
    if (this.#isFlow(items)) {
      this.#flow("[", "]", items, (item) => this.#node(item, {}));
      return;
    }
    this.#deeper(false, !(inMapping && !this.#indention), () => {
      for (const item of items) {
        this.#writeIndent();
        this.#indicator("-", true, false, true);
        this.#node(item, {});
      }
    });
  }

  #flow<T>(open: string, close: string, items: readonly T[], write: (item: T) => void): void {
    this.#indicator(open, true, true);
    this.#flowLevel++;
    this.#deeper(true, true, () => {
      for (const [index, item] of items.entries()) {
        if (index > 0) this.#indicator(",", false);
        if (this.#column > this.#layout.width) this.#writeIndent();
        write(item);
      }
    });
    this.#flowLevel--;
    this.#indicator(close, false);
  }

  #mapping(value: { readonly [key: string]: Json }): void {
    const entries = Object.entries(value);
    if (this.#layout.sortsKeys) entries.sort(([a], [b]) => compareTexts(a, b));
    if (this.#isFlow(entries.map(([, item]) => item))) {
      this.#flow("{", "}", entries, ([key, item]) => this.#entry(key, item));
      return;
    }
    this.#deeper(false, true, () => {
      for (const [key, item] of entries) {
        this.#writeIndent();
        this.#entry(key, item);
      }
    });
  }

  #entry(key: string, item: Json): void {
    const isFlow = this.#flowLevel > 0;
    if (Buffer.byteLength(key) <= 128 && !formsOf(key).isMultiline) {
      this.#node(key, { isKey: true });
      this.#indicator(":", false);
    } else {
      this.#indicator("?", true, false, !isFlow);
      this.#node(key, {});
      if (!isFlow || this.#column > this.#layout.width) this.#writeIndent();
      this.#indicator(":", true, false, !isFlow);
    }
    this.#node(item, { inMapping: true });
  }

  #scalar(value: string | number | boolean | null, { isKey = false }: Context): void {
    if (typeof value !== "string") {
      this.#plain(value === null ? "null" : numberText(value), !isKey);
      return;
    }
    const forms = formsOf(value);
    const inFlow = this.#flowLevel > 0;
    if (isKey && forms.isMultiline) this.#doubleQuoted(value, false);
    else if ((inFlow ? forms.flowPlain : forms.blockPlain) && value !== "" && readsAsText(value))
      this.#plain(value, !isKey);
    else if (forms.singleQuoted) this.#singleQuoted(value, !isKey);
    else this.#doubleQuoted(value, !isKey);
  }

  #mayBreak(text: string, at: number): boolean {
    return this.#column > this.#layout.width && text[at + 1] !== " " && text[at - 1] !== " ";
  }

  #plain(text: string, breaks: boolean): void {
    if (!this.#whitespace && (text !== "" || this.#flowLevel > 0)) this.#put(" ");
    this.#words(text, (at) => breaks && this.#mayBreak(text, at));
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Writes a text of one line, broken at the spaces where it may be. */
  #words(text: string, breaksAt: (at: number) => boolean, write = (word: string) => word): void {
    let from = 0;
    for (let at = text.indexOf(" "); at >= 0; at = text.indexOf(" ", at + 1)) {
      this.#put(write(text.slice(from, at)));
      if (breaksAt(at)) this.#writeIndent();
      else this.#put(" ");
      from = at + 1;
    }
    this.#put(write(text.slice(from)));
  }

  #singleQuoted(text: string, breaks: boolean): void {
    this.#indicator("'", true);
    let hadBreak = false;
    let from = 0;
    for (const line of text.split(/(?<=[\n\u2028\u2029])/)) {
      const body = line.replace(/[\n\u2028\u2029]$/, "");
      if (body !== "") {
        if (hadBreak) this.#writeIndent();
        const at = from;
        this.#words(
          body,
          (space) => breaks && this.#mayBreak(body, space) && at + space !== 0 && at + space !== text.length - 1,
          (word) => word.replaceAll("'", "''"),
        );
        this.#indention = false;
        hadBreak = false;
      }
      if (body.length < line.length) {
        if (!hadBreak && line.endsWith("\n")) this.#break();
        this.#break(line.slice(-1));
        this.#indention = true;
        hadBreak = true;
      }
      from += line.length;
    }
    if (hadBreak) this.#writeIndent();
    this.#indicator("'", false);
    this.#whitespace = false;
    this.#indention = false;
  }

  #doubleQuoted(text: string, breaks: boolean): void {
    this.#indicator('"', true);
    const mayBreak = (at: number) =>
      breaks && this.#column > this.#layout.width && text[at - 1] !== " " && at !== 0 && at !== text.length - 1;
    let from = 0;
    for (let at = text.indexOf(" "); at >= 0; at = text.indexOf(" ", at + 1)) {
      this.#put([...text.slice(from, at)].map(escaped).join(""));
      if (mayBreak(at)) {
        this.#writeIndent();
        if (text[at + 1] === " ") this.#put("\\");
      } else this.#put(" ");
      from = at + 1;
    }
    this.#put([...text.slice(from)].map(escaped).join(""));
    this.#indicator('"', false);
    this.#whitespace = false;
    this.#indention = false;
  }
}

function numberText(value: number | boolean): string {
  const text = String(value);
  if (typeof value === "boolean") return text;
  // YAML 1.1 reads a power of ten only behind a point.
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
}
