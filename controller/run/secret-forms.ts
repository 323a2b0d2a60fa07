/** Characters of a line that is hidden by itself too: a key's lines come one by one in the output of a command. */
const leastOfLine = 8;
/** Characters of a secret's base64 that do not depend on what follows it; fewer are parts of ordinary words. */
const leastOfBase64 = 8;

/** How a secret may stand in a text: as it is, line by line, and as filters and programs write it. None is empty. */
export function formsOf(value: string): string[] {
  const trimmed = value.trim();
  const lines = trimmed.includes("\n") ? trimmed.split("\n").map((line) => line.trim()) : [];
  const plain = [trimmed, ...lines.filter((line) => line.length >= leastOfLine)];
  const forms = plain.flatMap((text) => [text, inJson(text), inPython(text), inShell(text), inUrl(text)]);
  return [...new Set([...forms, base64Of(value), base64Of(trimmed)])].filter((form) => form !== "");
}

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** As a list or a mapping in the midst of text shows it. */
function inPython(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r");
  return text.includes("'") && text.includes('"') ? escaped.replaceAll("'", "\\'") : escaped;
}

/** As `| quote` writes it. */
const inShell = (text: string) => text.replaceAll("'", `'"'"'`);

const inUrl = (text: string) => (/[\ud800-\udfff]/.test(text) ? text : encodeURIComponent(text));

/** The part that is the same whatever follows: a line's end often does. */
function base64Of(text: string): string {
  const bytes = Buffer.from(text);
  const whole = bytes.toString("base64");
  const certain = whole.slice(0, Math.floor(bytes.length / 3) * 4);
  return certain.length >= leastOfBase64 ? certain : whole.length >= leastOfBase64 ? whole : "";
}
