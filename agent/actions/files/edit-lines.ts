import { compilePython, expandMatch } from "./python-regex.ts";

/** What a task wants of the lines of a file. */
export interface LineEdit {
  line?: string | undefined;
  regexp?: string | undefined;
  insertafter?: string | undefined;
  insertbefore?: string | undefined;
  backrefs: boolean;
  firstmatch: boolean;
}

export interface Edited {
  text: string;
  /** As Ansible says it; empty where nothing changes. */
  msg: string;
}

/** Lines with what ends them, as Python's readlines gives them. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, "");
}

/** Without the lines that match, or that are the line. */
export function withoutLine(text: string, { line, regexp }: LineEdit): Edited & { found: number } {
  const pattern = regexp === undefined ? undefined : compilePython(regexp, "regexp");
  const lines = linesOf(text);
  const rest = lines.filter((each) => (pattern === undefined ? bare(each) !== line : !pattern.test(each)));
  const found = lines.length - rest.length;
  return { text: rest.join(""), msg: found === 0 ? "" : `${found} line(s) removed`, found };
}

/**
 * With the line: in the place of the last line that matches, else where it is to be inserted, else at the end. A line that is
 * there already stays where it is.
 */
export function withLine(text: string, edit: LineEdit & { line: string }): Edited {
  const { line, insertafter, insertbefore, backrefs } = edit;
  const lines = linesOf(text);
  const { at, match } = find(lines, edit);
  const inserted = (index: number): Edited => {
    const whole = index === lines.length ? closed(lines) : lines;
    return { text: [...whole.slice(0, index), `${line}\n`, ...whole.slice(index)].join(""), msg: "line added" };
  };
  if (at !== undefined) {
    const fresh = backrefs && match !== undefined ? expandMatch(line, match) : line;
    const ended = fresh.endsWith("\n") ? fresh : `${fresh}\n`;
    if (lines[at] === ended) return { text, msg: "" };
    return { text: lines.with(at, ended).join(""), msg: "line replaced" };
  }
  if (backrefs) return { text, msg: "" };
  if (insertbefore === "BOF" || insertafter === "BOF") return inserted(0);
  const near = nearOf(lines, edit);
  if (insertafter === "EOF" || near === undefined) return inserted(lines.length);
  if (insertafter === undefined) return inserted(near);
  const neighbour = near === lines.length ? lines[near - 1] : lines[near];
  return bare(neighbour ?? "") === line ? { text, msg: "" } : inserted(near);
}

/** With a newline at the end of the last one. */
function closed(lines: readonly string[]): string[] {
  const last = lines.at(-1);
  return last === undefined || last.endsWith("\n") ? [...lines] : lines.with(-1, `${last}\n`);
}

/** The line that is the one meant: the last that matches, else the last that is the same. */
function find(lines: readonly string[], { line, regexp, firstmatch }: LineEdit) {
  if (regexp !== undefined) {
    const pattern = compilePython(regexp, "regexp");
    const matches = lines.flatMap((each, index) => {
      const match = pattern.exec(each);
      return match === null ? [] : [{ at: index, match }];
    });
    const found = firstmatch ? matches[0] : matches.at(-1);
    if (found !== undefined) return found;
  }
  const at = lines.findLastIndex((each) => bare(each) === line);
  return { at: at < 0 ? undefined : at, match: undefined };
}

/** Where to insert by a pattern; undefined where none is given or none matches. */
function nearOf(lines: readonly string[], { insertafter, insertbefore, firstmatch }: LineEdit): number | undefined {
  const [pattern, offset, name] =
    insertafter !== undefined
      ? ([insertafter, 1, "insertafter"] as const)
      : ([insertbefore, 0, "insertbefore"] as const);
  if (pattern === undefined || pattern === "EOF" || pattern === "BOF") return undefined;
  const compiled = compilePython(pattern, name);
  const matches = (each: string) => compiled.test(each);
  const index = firstmatch ? lines.findIndex(matches) : lines.findLastIndex(matches);
  return index < 0 ? undefined : index + offset;
}
