export interface Wrapping {
  width: number;
  /** Whether a word that is wider than a line is cut. */
  breaksWords: boolean;
  /** Whether a line may end behind a hyphen within a word. */
  breaksHyphens: boolean;
}

/** Words, white space, and words up to their hyphens: where Python's `textwrap` may break a line. */
const chunks =
  /[\t\n\v\f\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ](?:[^\t\n\v\f\r ])*?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|$)|(?<=[\w!"'&.,?])(?=-{2,}\w))/g;
const words = /[\t\n\v\f\r ]+|[^\t\n\v\f\r ]+/g;

/** The lines of a text without line ends, as Python's `textwrap.wrap` with white space kept makes them. */
export function wrapText(text: string, { width, breaksWords, breaksHyphens }: Wrapping): string[] {
  const waiting = (text.match(breaksHyphens ? chunks : words) ?? []).toReversed();
  const lines: string[] = [];
  while (waiting.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && waiting.at(-1)?.trim() === "") waiting.pop();
    for (let next = waiting.at(-1); next !== undefined && length + next.length <= width; next = waiting.at(-1)) {
      line.push(next);
      length += next.length;
      waiting.pop();
    }
    const long = waiting.at(-1);
    if (long !== undefined && long.length > width) {
      const room = width - length;
      if (breaksWords) {
        const hyphen = breaksHyphens && long.length > room ? long.lastIndexOf("-", room - 1) : -1;
        const end = hyphen > 0 && /[^-]/.test(long.slice(0, hyphen)) ? hyphen + 1 : room;
        line.push(long.slice(0, end));
        waiting[waiting.length - 1] = long.slice(end);
      } else if (line.length === 0) line.push(waiting.pop() ?? "");
    }
    if (line.at(-1)?.trim() === "") line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}
