import { FlashfleetError } from "../../shared/errors.ts";

/** Words of a command line as a POSIX shell would split them, quotes and backslashes honoured; nothing is expanded. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word += char;
    } else if (char === "\\") {
      at++;
      // In double quotes a backslash is itself, but before what would end or nest the quote.
      const next = line.charAt(at);
      word = (word ?? "") + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (char === quote) quote = undefined;
    else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char;
      word ??= "";
    } else if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== undefined) {
    throw new FlashfleetError(
      "bad_argument",
      `cannot split the command ${JSON.stringify(line)}: a ${quote} is not closed`,
      {
        hint: "close the quote, or give the words as argv: [program, argument, …]",
      },
    );
  }
  return word === undefined ? words : [...words, word];
}
