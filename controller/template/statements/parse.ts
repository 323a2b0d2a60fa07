import { type Source, syntaxError } from "../problem.ts";
import { TokenCursor } from "../token-cursor.ts";
import type { Branch, Import, Include, Macro, Node } from "./ast.ts";
import type { Piece } from "./pieces.ts";
import { Tag } from "./tag.ts";
import { unknownStatement } from "./unknown.ts";

const mostNesting = 60;

/** The nodes that the pieces make up. Throws `bad_template` with the place of what cannot stand there. */
export function parseNodes(source: Source, pieces: readonly Piece[]): Node[] {
  return new StatementParser(source, pieces).whole();
}

/** Statements that hold others up to tags of their own, and those that are a tag alone. */
class StatementParser {
  readonly #source: Source;
  readonly #pieces: readonly Piece[];
  #next = 0;
  static readonly #statements: Readonly<Record<string, (parser: StatementParser, tag: Tag) => Node>> = {
    if: (parser, tag) => parser.#if(tag),
    for: (parser, tag) => parser.#for(tag),
    set: (parser, tag) => parser.#set(tag),
    with: (parser, tag) => parser.#with(tag),
    macro: (parser, tag) => ({ is: "macro", at: tag.at, macro: parser.#macro(tag) }),
    call: (parser, tag) => parser.#call(tag),
    filter: (parser, tag) => ({
      is: "filter",
      at: tag.at,
      filters: tag.expressions.filters(),
      ...parser.#upTo(tag, "endfilter"),
    }),
    include: (parser, tag) => parser.#alone(tag, readInclude(tag)),
    import: (parser, tag) => parser.#alone(tag, readImport(tag)),
    from: (parser, tag) => parser.#alone(tag, readFrom(tag)),
    do: (parser, tag) => parser.#alone(tag, { is: "do", at: tag.at, value: tag.several() }),
    print: (parser, tag) => parser.#alone(tag, { is: "print", at: tag.at, value: tag.several() }),
    break: (parser, tag) => parser.#alone(tag, parser.#jump(tag, "break")),
    continue: (parser, tag) => parser.#alone(tag, parser.#jump(tag, "continue")),
  };

  /** The statements that are open here, the outermost first. */
  readonly #open: Tag[] = [];

  constructor(source: Source, pieces: readonly Piece[]) {
    this.#source = source;
    this.#pieces = pieces;
  }

  whole(): Node[] {
    return this.#nodes(() => undefined);
  }

  /** The nodes up to a tag that `ends` takes, or to the template's end. */
  #nodes(ends: (tag: Tag) => true | undefined): Node[] {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#next++]; piece !== undefined; piece = this.#pieces[this.#next++]) {
      if (piece.is === "text") nodes.push(piece);
      else if (piece.is === "print") nodes.push(this.#print(piece.at, new TokenCursor(this.#source, piece.tokens)));
      else {
        const tag = this.#tag(piece.at, new TokenCursor(this.#source, piece.tokens));
        if (ends(tag) === true) return nodes;
        nodes.push(this.#statement(tag));
      }
    }
    const opened = this.#open.at(-1);
    if (opened === undefined) return nodes;
    const close = `close it with {% end${opened.name} %}`;
    throw syntaxError(this.#source, opened.at, `{% ${opened.name} %} is never closed`, close);
  }

  #print(at: number, tokens: TokenCursor): Node {
    const value = new Tag(at, "", tokens).several();
    if (tokens.peek().is !== "end") throw tokens.unexpected("an operator or the end");
    return { is: "print", at, value };
  }

  #tag(at: number, tokens: TokenCursor): Tag {
    const token = tokens.take();
    if (token.is === "name") return new Tag(at, token.text, tokens);
    throw tokens.unexpected("a statement's name", token);
  }

  #statement(tag: Tag): Node {
    const read = Object.hasOwn(StatementParser.#statements, tag.name)
      ? StatementParser.#statements[tag.name]
      : undefined;
    if (read !== undefined) return read(this, tag);
    throw unknownStatement(this.#source, tag, this.#open.at(-1), Object.keys(StatementParser.#statements));
  }

  #alone(tag: Tag, node: Node): Node {
    tag.end();
    return node;
  }

  /** What a statement holds, up to one of these tags, and that tag. */
  #body(tag: Tag, ...ends: string[]): { body: Node[]; end: Tag } {
    tag.end();
    let end = tag;
    const body = this.#nodes((next) => {
      if (!ends.includes(next.name)) return undefined;
      end = next;
      return true;
    });
    return { body, end };
  }

  /** What an opened statement holds, up to its own end. */
  #upTo(opened: Tag, last: string): { body: Node[] } {
    this.#enter(opened);
    const { body, end } = this.#body(opened, last);
    this.#leave(end);
    return { body };
  }

  #enter(tag: Tag): void {
    this.#open.push(tag);
    if (this.#open.length > mostNesting)
      throw syntaxError(this.#source, tag.at, `statements are nested more than ${mostNesting} deep`);
  }

  #leave(end: Tag): void {
    end.end();
    this.#open.pop();
  }

  #if(opened: Tag): Node {
    this.#enter(opened);
    const branches: Branch[] = [];
    let otherwise: Node[] = [];
    let tag = opened;
    while (tag.name === "if" || tag.name === "elif") {
      const condition = tag.several(false);
      const { body, end } = this.#body(tag, "elif", "else", "endif");
      branches.push({ condition, body });
      tag = end;
    }
    if (tag.name === "else") ({ body: otherwise, end: tag } = this.#body(tag, "endif"));
    this.#leave(tag);
    return { is: "if", at: opened.at, branches, otherwise };
  }

  #for(opened: Tag): Node {
    this.#enter(opened);
    const target = opened.target();
    if (!opened.takeWord("in")) throw opened.tokens.unexpected("'in'");
    const over = opened.several(false);
    const filter = opened.takeWord("if") ? opened.expression() : undefined;
    const isRecursive = opened.takeWord("recursive");
    const from = this.#next;
    const inside = this.#body(opened, "else", "endfor");
    const usesLoop = this.#named(from, ["loop"]).size > 0;
    const { body: otherwise, end } =
      inside.end.name === "else" ? this.#body(inside.end, "endfor") : { body: [], end: inside.end };
    this.#leave(end);
    return { is: "for", at: opened.at, target, over, filter, isRecursive, usesLoop, body: inside.body, otherwise };
  }

  #set(tag: Tag): Node {
    const target = tag.target({ mayBePart: true });
    if (tag.takeSign("=")) return this.#alone(tag, { is: "set", at: tag.at, target, value: tag.several() });
    const filters = tag.takeSign("|") ? tag.expressions.filters() : [];
    return { is: "set block", at: tag.at, target, filters, ...this.#upTo(tag, "endset") };
  }

  #with(tag: Tag): Node {
    const bindings: (readonly [ReturnType<Tag["target"]>, ReturnType<Tag["expression"]>])[] = [];
    while (tag.tokens.peek().is !== "end" && !tag.tokens.isOperator(":")) {
      if (bindings.length > 0) tag.expectSign(",");
      const target = tag.target();
      tag.expectSign("=");
      bindings.push([target, tag.expression()]);
    }
    return { is: "with", at: tag.at, bindings, ...this.#upTo(tag, "endwith") };
  }

  #macro(tag: Tag): Macro {
    const name = tag.identifier("the macro's name");
    const parameters = tag.parameters(true);
    return { name, parameters, ...this.#macroBody(tag, "endmacro") };
  }

  #macroBody(tag: Tag, last: string): Pick<Macro, "body" | "uses"> {
    const from = this.#next;
    const { body } = this.#upTo(tag, last);
    return { body, uses: this.#named(from, ["caller", "varargs", "kwargs"]) };
  }

  /** Which of these names stand anywhere in what was read since. */
  #named(from: number, names: readonly string[]): Set<string> {
    const words = this.#pieces.slice(from, this.#next).flatMap((piece) => (piece.is === "text" ? [] : piece.tokens));
    return new Set(names.filter((name) => words.some(({ is, text }) => is === "name" && text === name)));
  }

  #call(tag: Tag): Node {
    const parameters = tag.parameters(false);
    const call = tag.expression();
    if (call.is !== "call") throw tag.tokens.problemAt(call.at, "expected the call of a macro", "{% call name() %}");
    const caller = { name: "caller", parameters, ...this.#macroBody(tag, "endcall") };
    return { is: "call", at: tag.at, of: call.of, arguments: call.arguments, caller };
  }

  #jump(tag: Tag, is: "break" | "continue"): Node {
    // A macro's body runs where it is called: a loop around it is not its own.
    const around = this.#open.findLast(({ name }) => name === "for" || name === "macro" || name === "call");
    if (around?.name === "for") return { is, at: tag.at };
    throw syntaxError(this.#source, tag.at, `{% ${is} %} stands in no loop`);
  }
}

function readInclude(tag: Tag): Include {
  const file = tag.expression();
  const mayBeMissing = tag.takeWords("ignore", "missing");
  return { is: "include", at: tag.at, file, mayBeMissing, seesVariables: readContext(tag) ?? true };
}

function readImport(tag: Tag): Import {
  const file = tag.expression();
  if (!tag.takeWord("as")) throw tag.tokens.unexpected("'as' and a name");
  return { is: "import", at: tag.at, file, as: tag.identifier("a name"), seesVariables: readContext(tag) ?? false };
}

function readFrom(tag: Tag): Import {
  const file = tag.expression();
  if (!tag.takeWord("import")) throw tag.tokens.unexpected("'import'");
  const as: [string, string][] = [];
  let seesVariables: boolean | undefined;
  do {
    seesVariables = readContext(tag);
    if (seesVariables !== undefined) break;
    const name = tag.identifier("a name");
    if (name.startsWith("_")) throw tag.tokens.problemAt(tag.at, `'${name}' cannot be imported: it begins with '_'`);
    as.push([name, tag.takeWord("as") ? tag.identifier("a name") : name]);
    seesVariables = readContext(tag);
  } while (seesVariables === undefined && tag.takeSign(","));
  return { is: "import", at: tag.at, file, as, seesVariables: seesVariables ?? false };
}

/** `with context` or `without context`; undefined where neither is said. */
function readContext(tag: Tag): boolean | undefined {
  if (tag.takeWords("with", "context")) return true;
  return tag.takeWords("without", "context") ? false : undefined;
}
