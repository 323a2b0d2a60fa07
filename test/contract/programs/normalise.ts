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
  {
    says: "the serial number that the kernel drew, as the host and as the target show it",
    find: /(?<=^(?:T\| )?(?:ctrl serial|serial host\/target) \| (?:'[^']*')?')[0-9a-f]+/g,
    put: "<serial>",
  },
  {
    says: "a key that the program generated; the one that it has written down begins with ia6z",
    find: /DHHC-1:0\d:(?!ia6z)[A-Za-z0-9+/]{47,}=*:/g,
    put: "<key>",
  },
  {
    says: "the spaces with which ss fills its columns",
    find: /(?<=^(?:T\| )?ss(?: -K)? \| .*) +(?= |\\n|$)/g,
    put: "",
  },
  {
    says: "where a connection comes from, as ss says it: the port is random, and so is the order of the lines",
    find: /(?<=^(?:T\| )?ss(?: -K)? \| .*:4420 )127\.0\.0\.\d:\d+/g,
    put: "<peer>",
  },
  {
    says: "how many of a controller's sockets ss closes: when the first ends, both ends of the connection close the others",
    find: /(?<=^(?:T\| )?ss -K \| \(0, ')(?:ESTAB 0 0 127\.0\.0\.1:4420 <peer>(?:\\n)?)+(?=')/g,
    put: "ESTAB 0 0 127.0.0.1:4420 <peer>",
  },
  {
    says: "what stands behind the first NUL of an address in a discovery record: memory that 5.10 never wrote",
    find: /(?<='traddr': '[^'\\]*)\\x00.*?(?=', ')/g,
    put: "",
  },
  { says: "a major number that the kernel gave out at boot", find: /(?<=ctrl attr dev \| ')\d+/g, put: "<major>" },
  { says: "the serial number that the kernel drew", find: /(?<=default attr_serial \| ')[0-9a-f]+/g, put: "<serial>" },
];

/** One `T| label | result` line, with or without its `T| `, normalised. */
export function normalise(line: string): string {
  return rules.reduce((text, { find, put }) => text.replace(find, put), line);
}
