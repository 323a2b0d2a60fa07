/** The words of a shell's line up to the cursor, without their quotes; the last one is being typed, and may be empty. */
export function wordsOfLine(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < line.length; index++) {
    const each = line.charAt(index);
    if (quote !== "" && each === quote) quote = "";
    else if (quote === "'" || (quote === '"' && each !== "\\")) word = (word ?? "") + each;
    else if (each === "\\") word = (word ?? "") + line.charAt(++index);
    else if (each === "'" || each === '"') {
      quote = each;
      word = word ?? "";
    } else if (/\s/.test(each)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + each;
  }
  return [...words, word ?? ""];
}
