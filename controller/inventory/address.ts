/** Python's `\w`: a letter or digit of any script, or `_`. */
const word = String.raw`[\p{L}\p{N}_]`;
const numberRange = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`;
const hexRange = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`;
const nameRange = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const octet = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${numberRange})`;
const hextet = `(?:[0-9a-f]{1,4}|${hexRange})`;
const label = `(?:${word}|${nameRange})(?:[\\p{L}\\p{N}_-]|${nameRange})*(?<![_-])`;

const ipv4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`, "iu");
/** As Ansible has it: only the last of the forms is held to the end of the text. */
const ipv6 = new RegExp(
  `^(?:${[
    `(?:${hextet}:){7}${hextet}`,
    `(?:${hextet}:){1,6}:`,
    ...[6, 5, 4, 3, 2, 1].map((most, index) => `(?:${hextet}:){${index + 1}}(?::${hextet}){1,${most}}`),
    `:(?::${hextet}){1,6}`,
    `${hextet}?::`,
    `(?:0:){6}(?:${hextet}\\.){3}${hextet}`,
    `::(?:ffff:)?(?:${hextet}\\.){3}${hextet}`,
    `(?:0:){5}ffff:(?:${hextet}\\.){3}${hextet}$`,
  ].join("|")})`,
  "iu",
);
const hostName = new RegExp(`^${label}(?:\\.${label})*$`, "iu");
const bracketedPort = /^\[(.+)\]:([0-9]+)$/;
const port = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
/** What nearly all names of hosts are, told much faster than by the forms above. */
const plainName = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
/** Characters; longer ones are no addresses, and the forms above would take their time to say so. */
const longest = 1000;

/**
 * A host name, IPv4 or IPv6 address, perhaps with ranges, and its port apart; undefined where the text is none of them
 * (ansible/parsing/utils/addresses.py).
 */
export function parseAddress(text: string): { host: string; port: number | undefined } | undefined {
  if (text.length > longest) return undefined;
  if (plainName.test(text)) return { host: text, port: undefined };
  let host = text;
  let given: number | undefined;
  for (const form of [bracketedPort, port]) {
    const match = form.exec(host);
    if (match === null) continue;
    host = match[1] ?? "";
    given = Number(match[2]);
  }
  return [ipv4, ipv6, hostName].some((form) => form.test(host)) ? { host, port: given } : undefined;
}

/** An address has no short name: its dots part something else. */
export function isIpAddress(host: string): boolean {
  return host.length <= longest && (ipv4.test(host) || ipv6.test(host));
}
