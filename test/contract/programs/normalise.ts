/*
 * The rule by which a recorded line and one of today can be compared: what is random by nature, or a moment of time, gets a
 * name instead. It is applied to both sides, and again to its own result it changes nothing.
 */

const rules: readonly { says: string; find: RegExp; put: string }[] = [
  { says: "the time of a kernel message", find: /\[ *\d+\.\d{6}\] ?/g, put: "" },
  {
    says: "a version 4 uuid that the kernel drew",
    find: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g,
    put: "<uuid4>",
  },
  { says: "how long something took, in seconds", find: /(?<= |\()\d+\.\d+s(?=\)|$|')/g, put: "<seconds>" },
  { says: "the serial number that the kernel drew", find: /(?<=default attr_serial \| ')[0-9a-f]+/g, put: "<serial>" },
];

/** One `T| label | result` line, with or without its `T| `, normalised. */
export function normalise(line: string): string {
  return rules.reduce((text, { find, put }) => text.replace(find, put), line);
}
