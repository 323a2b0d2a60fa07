/**
 * The words of a line as a POSIX shell parts them, quotes and backslashes resolved; a `#` outside of quotes ends the line,
 * also within a word (Python's `shlex.split` with comments, which Ansible reads INI lines with).
 */
export function splitShellWords(line: string): string[] | { problem: string } {
  if (!/["'\\#]/.test(line)) return line.split(/[ \t\r\n]+/).filter((word) => word !== "");
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (quote !== "") {
      const next = line.charAt(at + 1);
      if (char === quote) quote = "";
      else if (char === "\\" && quote === '"') {
        if (next === "") return { problem: "a backslash ends the line" };
        word += next === '"' || next === "\\" ? next : `\\${next}`;
        at++;
      } else word += char;
    } else if (char === "#") break;
    else if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (char === "\\") {
      if (at + 1 === line.length) return { problem: "a backslash ends the line" };
      word = (word ?? "") + line.charAt(++at);
    } else word = (word ?? "") + char;
  }
  if (quote !== "") return { problem: `a quote (${quote}) is never closed` };
  if (word !== undefined) words.push(word);
  return words;
}
