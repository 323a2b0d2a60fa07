/**
 * The one text of a JSON value: names sorted by UTF-16 code units, no spaces, numbers and strings as JSON.stringify
 * writes them (as RFC 8785 does). What is hashed, signed or compared over machines is this text. Members that are
 * undefined are left out, as JSON does. Throws a TypeError for what JSON cannot say, a Secret among it.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
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

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function writeMembers(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null
    ? `a ${value.constructor?.name ?? "null-prototype object"}`
    : String(value);
}
