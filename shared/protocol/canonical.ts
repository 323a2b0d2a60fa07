/**
 * The one text of a JSON value: names sorted by UTF-16 code units, no spaces, numbers and strings as JSON.stringify
 * writes them (as RFC 8785 does). What is hashed, signed or compared over machines is this text. Members that are
 * undefined are left out, as JSON does. Throws a TypeError for what JSON cannot say, a Secret among it.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (Number.isFinite(value)) return JSON.stringify(value);
      break;
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
      if (isPlain(value)) return writeMembers(value);
      break;
    default:
  }
  throw new TypeError(`cannot write canonical JSON: ${describe(value)} is no JSON value`);
}

/** Whether two JSON values have the same canonical text. What is one object in both is not looked into. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const members = Object.entries(one).filter(isThere);
  const others = new Map(Object.entries(other).filter(isThere));
  return (
    members.length === others.size &&
    members.every(([name, member]) => others.has(name) && isSameJson(member, others.get(name)))
  );
}

const isThere = ([, member]: [string, unknown]) => member !== undefined;

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function writeMembers(value: object): string {
  let text = "{";
  for (const [name, member] of Object.entries(value).sort(byName)) {
    if (member === undefined) continue;
    text += `${text.length === 1 ? "" : ","}${quote(name)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1);

/** Printable ASCII without a quote or a backslash stands as it is; JSON.stringify takes many times as long to find that out. */
const plain = /^[ !#-[\]-~]*$/;

function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null
    ? `a ${value.constructor?.name ?? "null-prototype object"}`
    : String(value);
}
