/** Characters that take two places of a terminal: East Asian wide ones, and pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;
/** Characters that take none. */
const none = /\p{Mn}|\p{Me}|\u200b|\u200d/u;

/** Ansible's: an empty line, the text, and stars up to the width; three at least. */
export function banner(text: string, width: number): string {
  const trimmed = text.trim();
  const places = [...trimmed].reduce((sum, each) => sum + (wide.test(each) ? 2 : none.test(each) ? 0 : 1), 0);
  return `\n${trimmed} ${"*".repeat(Math.max(3, width - places))}\n`;
}
