/** What ends a line for Python, beside a carriage return with a newline behind it. */
const ends = new Set([..."\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"]);

/** The lines of a text as Python's `splitlines` parts them; an end of a line at the end begins no further one. */
export function splitLines(text: string, keepsEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (!ends.has(text.charAt(at))) continue;
    const behind = text.startsWith("\r\n", at) ? at + 2 : at + 1;
    lines.push(text.slice(from, keepsEnds ? behind : at));
    from = behind;
    at = behind - 1;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}
