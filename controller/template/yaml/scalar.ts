/** How a text can be written in YAML; what libyaml finds out about it before it chooses quotes. */
export interface ScalarForms {
  isMultiline: boolean;
  /** Without quotes, within brackets or braces. */
  flowPlain: boolean;
  /** Without quotes, elsewhere. */
  blockPlain: boolean;
  singleQuoted: boolean;
}

/** Text that YAML 1.1 reads as something else (PyYAML's implicit resolvers), so that it needs quotes to stay text. */
const otherTypes = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/,
  /^(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:~|null|Null|NULL||<<|=)$/,
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/,
];

/** Whether YAML 1.1 reads a text without quotes as text. */
export function readsAsText(text: string): boolean {
  return text.length > 100 || !otherTypes.some((form) => form.test(text));
}

/** Whether a character is written as itself (libyaml's `IS_PRINTABLE`); all others need an escape. */
export function isPrintable(char: string): boolean {
  return /^[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(char);
}

/** The forms that a text can be written in, by libyaml's rules. */
export function formsOf(text: string): ScalarForms {
  if (text === "") return { isMultiline: false, flowPlain: false, blockPlain: true, singleQuoted: true };
  const isMultiline = /[\n\u2028\u2029]/.test(text);
  const isSpecial = / [\n\u2028\u2029]/.test(text);
  const needsEscape = [...text].some((char) => !isPrintable(char));
  const hasEdge = /^[ \n\u2028\u2029]|[ \n\u2028\u2029]$/.test(text);
  const breaksBeforeSpace = /[\n\u2028\u2029] /.test(text);
  const mark = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^-(?:\s|$)|\s#/.test(text);
  const blockMark = mark || /^[?:](?:\s|$)|:(?:\s|$)/.test(text);
  const flowMark = mark || /^[?:]|[,?[\]{}:]/.test(text);
  const isSafe = !hasEdge && !isMultiline && !breaksBeforeSpace && !isSpecial && !needsEscape;
  return {
    isMultiline,
    flowPlain: isSafe && !flowMark,
    blockPlain: isSafe && !blockMark,
    singleQuoted: !breaksBeforeSpace && !isSpecial && !needsEscape,
  };
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\x85": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

/** A character as it stands in double quotes. */
export function escaped(char: string): string {
  const known = escapes[char];
  if (known !== undefined) return known;
  if (isPrintable(char)) return char;
  const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
  if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
