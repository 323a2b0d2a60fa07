const forms = [
  /^([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2})$/i,
  /^([0-9a-f]{1,2})-([0-9a-f]{1,2})-([0-9a-f]{1,2})-([0-9a-f]{1,2})-([0-9a-f]{1,2})-([0-9a-f]{1,2})$/i,
  /^([0-9a-f]{1,4}):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i,
  /^([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,4})$/i,
  /^([0-9a-f]{1,4})\.([0-9a-f]{1,4})\.([0-9a-f]{1,4})$/i,
  /^([0-9a-f]{5,6})[-:]([0-9a-f]{5,6})$/i,
  /^([0-9a-f]{11,12})$/i,
];

/** A hardware address in one of its many spellings as 12 hexadecimal digits; undefined where it is none. */
export function parseHardware(text: string): string | undefined {
  for (const form of forms) {
    const words = form.exec(text)?.slice(1);
    if (words !== undefined) return words.map((word) => word.toLowerCase().padStart(12 / words.length, "0")).join("");
  }
  return undefined;
}

const spellings: Readonly<Record<string, (digits: string) => string>> = {
  bare: (digits) => digits.toUpperCase(),
  cisco: (digits) => words(digits, 4).join("."),
  eui48: (digits) => words(digits.toUpperCase(), 2).join("-"),
  win: (digits) => words(digits.toUpperCase(), 2).join("-"),
  linux: (digits) => words(digits, 2).join(":"),
  unix: (digits) =>
    words(digits, 2)
      .map((word) => word.replace(/^0(?=.)/, ""))
      .join(":"),
  pgsql: (digits) => words(digits, 6).join(":"),
  postgresql: (digits) => words(digits, 6).join(":"),
  psql: (digits) => words(digits, 6).join(":"),
};

function words(digits: string, length: number): string[] {
  return digits.match(new RegExp(`.{${length}}`, "g")) ?? [];
}

/** The names of the spellings. */
export const hardwareSpellings = Object.keys(spellings);

/** 12 hexadecimal digits in a spelling by its name; undefined where there is no such spelling. */
export function spellHardware(digits: string, name: string): string | undefined {
  return Object.hasOwn(spellings, name) ? spellings[name]?.(digits) : undefined;
}

/** The lower 64 bits of the IPv6 address that a machine with this hardware address gives itself (RFC 4291, EUI-64). */
export function interfaceId(digits: string): bigint {
  return BigInt(`0x${digits.slice(0, 6)}fffe${digits.slice(6)}`) ^ (1n << 57n);
}
