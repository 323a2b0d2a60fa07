import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import { Tagged } from "../template/tagged.ts";
import { readPlainScalar } from "./plain-scalar.ts";
import type { SourceFile } from "./source-file.ts";
import { type Keyring, unlock } from "./vault/keyring.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

const mostNesting = 100;
/** Nodes that all aliases of a file may stand for together; honest files have some hundreds. */
const mostAliased = 50_000;
const plainTags = /^tag:yaml\.org,2002:(str|map|seq|bool|int|float|null)$/;
const vaultTags = ["!vault", "!vault-encrypted"];

export type Tell = (offset: number, reason: string, hint?: string) => void;

interface Options {
  file: SourceFile;
  keyring?: Keyring | undefined;
  /** Whether every value is a secret. */
  isSecret: boolean;
  allowsDuplicates?: boolean;
  tell: Tell;
  warn: Tell;
}

/** Turns the parser's nodes into ours; a part that is aliased becomes one node. */
export class YamlConverter {
  readonly #options: Options;
  readonly #anchors = new Map<string, { node: YamlNode; size: number }>();
  #size = 0;
  #aliased = 0;
  /** Below how many `!unsafe` this is. */
  #unsafe = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  convert(node: Node, depth = 0): YamlNode {
    const before = this.#size++;
    const [at, to] = node.range ?? [0, 0];
    if (depth > mostNesting) {
      if (depth === mostNesting + 1) this.#options.tell(at, `it is nested more than ${mostNesting} deep`);
      return { is: "scalar", at, to, value: null };
    }
    if (isAlias(node)) return this.#alias(node.source, at);
    const { tag } = node;
    const isVault = tag !== undefined && vaultTags.includes(tag);
    if (tag !== undefined && tag !== "!unsafe" && !isVault && !plainTags.test(tag))
      this.#options.tell(at, `the tag '${tag}' is not supported`, "leave it out");
    if (tag === "!unsafe") this.#unsafe++;
    const result = isVault ? this.#vault(node, at, to) : this.#inner(node, at, to, depth);
    if (tag === "!unsafe") this.#unsafe--;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { node: result, size: this.#size - before });
    return result;
  }

  #inner(node: Node, at: number, to: number, depth: number): YamlNode {
    if (isSeq(node)) {
      return { is: "list", at, to, items: node.items.map((item) => this.#part(item, at, depth)) };
    }
    if (isMap(node)) return { is: "mapping", at, to, entries: this.#entries(node.items, at, depth) };
    if (!isScalar(node)) return { is: "scalar", at, to, value: null };
    const source = typeof node.value === "string" ? node.value : "";
    const isText = node.type !== "PLAIN" || node.tag === "tag:yaml.org,2002:str" || this.#unsafe > 0;
    return this.#scalar(isText ? source : readPlainScalar(source), at, to);
  }

  #scalar(value: string | number | boolean | null, at: number, to: number): YamlNode {
    const { isSecret, keyring } = this.#options;
    const isTemplate = this.#unsafe === 0;
    if ((!isSecret && isTemplate) || (typeof value !== "string" && typeof value !== "number"))
      return { is: "scalar", at, to, value };
    if (isSecret) keyring?.secrets.add(String(value));
    return { is: "scalar", at, to, value, tagged: new Tagged(value, { isSecret, isTemplate }) };
  }

  /** `!vault |`: what cannot be opened is a mistake only where it is used, as the passwords of all are seldom at hand. */
  #vault(node: Node, at: number, to: number): YamlNode {
    const { file, keyring, tell } = this.#options;
    const encrypted = isScalar(node) && typeof node.value === "string" ? node.value : undefined;
    if (encrypted === undefined) {
      tell(at, "'!vault' stands before an encrypted text", "ansible-vault encrypt_string prints one");
      return { is: "scalar", at, to, value: null };
    }
    const unlocked = unlock(encrypted, keyring);
    if (unlocked.is === "damaged")
      tell(at, `a value behind '!vault' cannot be read: ${unlocked.reason}`, unlocked.hint);
    const plaintext = unlocked.is === "open" ? unlocked.plaintext.reveal() : undefined;
    if (plaintext !== undefined) keyring?.secrets.add(plaintext);
    const value = unlocked.is === "locked" ? unlocked : (plaintext ?? "");
    const place = () => file.place(at);
    const tagged = new Tagged(value, { isSecret: true, isTemplate: false, encrypted, place });
    return { is: "scalar", at, to, value: plaintext ?? null, tagged };
  }

  #part(item: unknown, at: number, depth: number): YamlNode {
    return isNode(item) ? this.convert(item, depth + 1) : { is: "scalar", at, to: at, value: null };
  }

  /** What is merged comes first, and loses to what is written, as in PyYAML. */
  #entries(pairs: readonly { key: unknown; value: unknown }[], at: number, depth: number): YamlEntry[] {
    const { tell, warn, allowsDuplicates = false } = this.#options;
    const own = new Map<string, YamlEntry>();
    const merged: YamlEntry[] = [];
    for (const { key, value } of pairs) {
      const keyAt = isNode(key) ? (key.range?.[0] ?? at) : at;
      if (!isScalar(key)) {
        this.#wrongKey(keyAt);
        continue;
      }
      const name = String(key.value ?? "");
      const node = this.#part(value, keyAt, depth);
      if (name === "<<" && key.type === "PLAIN") {
        merged.push(...this.#merged(node));
        continue;
      }
      if (own.has(name)) {
        const [say, hint] = allowsDuplicates ? [warn, "the later one counts"] : [tell, "keep one of them"];
        say(keyAt, `the key '${name}' is there twice`, hint);
      }
      own.set(name, { key: name, keyAt, value: node });
    }
    if (merged.length === 0) return [...own.values()];
    return [...new Map([...merged, ...own.values()].map((entry) => [entry.key, entry])).values()];
  }

  #merged(node: YamlNode): readonly YamlEntry[] {
    if (node.is === "mapping") return node.entries;
    if (node.is === "list") return node.items.toReversed().flatMap((item) => this.#merged(item));
    this.#options.tell(node.at, "'<<' merges mappings only", "give it an alias of a mapping");
    return [];
  }

  #wrongKey(at: number): void {
    const isTemplate = this.#options.file.text.slice(at - 1, at + 1) === "{{";
    if (isTemplate) this.#options.tell(at - 1, "a value that begins with {{ needs quotes", 'write "{{ … }}"');
    else this.#options.tell(at, "a key must be text");
  }

  #alias(name: string, at: number): YamlNode {
    const { tell } = this.#options;
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) {
      tell(at, `the alias '*${name}' names no anchor before it`);
      return { is: "scalar", at, to: at, value: null };
    }
    this.#size += anchor.size;
    this.#aliased += anchor.size;
    if (this.#aliased <= mostAliased) return anchor.node;
    if (this.#aliased - anchor.size <= mostAliased)
      tell(at, `its aliases stand for more than ${mostAliased} parts`, "write the parts out, or use fewer aliases");
    return { is: "scalar", at, to: at, value: null };
  }
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}
