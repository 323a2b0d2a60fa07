const truths = new Map<string, boolean>();
for (const word of ["true", "yes", "on"]) for (const form of forms(word)) truths.set(form, true);
for (const word of ["false", "no", "off"]) for (const form of forms(word)) truths.set(form, false);
const nothings = new Set(["", "~", "null", "Null", "NULL"]);

function forms(word: string): string[] {
  return [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()];
}

/**
 * What a text without quotes means in YAML, as Ansible's users know it: yes, no, on and off are booleans (YAML 1.1).
 * Digits may be parted by `_`. What would be lost as a number stays text: `0644`, `1e3`, `12:30`, and whole numbers of more
 * than 53 bits.
 */
export function readPlainScalar(text: string): string | number | boolean | null {
  const truth = truths.get(text);
  if (truth !== undefined) return truth;
  if (nothings.has(text)) return null;
  if (/^[+-]?(0|[1-9][\d_]*)$/.test(text) || /^0x[\da-fA-F_]+$/.test(text)) {
    const number = Number(text.replaceAll("_", ""));
    return Number.isSafeInteger(number) ? number : text;
  }
  return /^[+-]?(0|[1-9][\d_]*)?\.\d[\d_]*([eE][+-]\d+)?$/.test(text) || /^[+-]?(0|[1-9][\d_]*)\.$/.test(text)
    ? Number(text.replaceAll("_", ""))
    : text;
}
