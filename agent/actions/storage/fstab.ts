import { unescapeOctal } from "../../observe/mountinfo.ts";

/** A line of fstab(5), its fields without escapes. */
export interface FstabEntry {
  src: string;
  path: string;
  fstype: string;
  opts: string;
  dump: string;
  passno: string;
}

/** What tells the entry of a task from the others: where it is mounted, and of swap, which is mounted nowhere, what it is. */
export type FstabKey = Pick<FstabEntry, "path"> & Partial<Pick<FstabEntry, "src" | "fstype">>;

const fieldNames = ["src", "path", "fstype", "opts", "dump", "passno"] as const;

/**
 * The text with this entry: lines of it that say something else are written anew, and where there is none it comes last. All
 * other lines stay byte for byte, and so does one that says the same in other words.
 */
export function withEntry(text: string, entry: FstabEntry): string {
  const lines = linesOf(text);
  let found = false;
  const edited = lines.map((line) => {
    const has = parseLine(line);
    if (has === undefined || !isFor(has, entry)) return line;
    found = true;
    return fieldNames.every((name) => has[name] === entry[name]) ? line : `${render(entry)}\n`;
  });
  if (found) return edited.join("");
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${before}${render(entry)}\n`;
}

/** The text without the lines of an entry. */
export function withoutEntry(text: string, key: FstabKey): string {
  const isKept = (line: string) => {
    const has = parseLine(line);
    return has === undefined || !isFor(has, key);
  };
  return linesOf(text).filter(isKept).join("");
}

/** What a line says; undefined for comments, empty lines, and what is no entry: four fields, and two that may be left out. */
function parseLine(line: string): FstabEntry | undefined {
  const words = line.trim().split(/\s+/);
  if (words[0] === undefined || words[0] === "" || words[0].startsWith("#")) return undefined;
  const [src, path, fstype, opts, dump = "0", passno = "0"] = words.map(unescapeOctal);
  if (src === undefined || path === undefined || fstype === undefined || opts === undefined || words.length > 6)
    return undefined;
  return { src, path, fstype, opts, dump, passno };
}

function isFor(has: FstabEntry, key: FstabKey): boolean {
  if (plainPath(has.path) !== plainPath(key.path)) return false;
  return key.path !== "none" || key.src === undefined || has.src === key.src;
}

function plainPath(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}

function render(entry: FstabEntry): string {
  return fieldNames.map((name) => escaped(entry[name])).join(" ");
}

/** fstab(5): what would end a field, and the backslash itself. */
function escaped(text: string): string {
  return text.replaceAll(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
