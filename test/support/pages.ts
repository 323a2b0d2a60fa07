import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
export const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
/** Every page that people read. */
export const pages = [
  "README.md",
  "CHANGELOG.md",
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The text of a page below a heading, up to the next one of its level or above. */
export function section(page: string, heading: string): string {
  const level = heading.split(" ")[0] ?? "#";
  const text = read(page);
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) return "";
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** What the first column of a text's tables names: `a`, `b` of "| `a`, `b` | … |". */
export function rows(text: string): string[] {
  return [...text.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = ""]) => named(cell));
}

/** Everything in backticks. */
export function named(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = ""]) => name);
}

/** What is wanted and not there. */
export const missing = (wanted: readonly string[], there: readonly string[]) =>
  wanted.filter((each) => !there.includes(each));
