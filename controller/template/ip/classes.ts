import { type Address, parseAddress, widthOf } from "./address.ts";
import { firstOf, formatNetwork, holds, isWithin, type Network, networks, parseNetwork } from "./network.ts";

/** An address as Python's `ipaddress` takes it: text, IPv6 perhaps with a zone. */
export function strictAddress(text: string): Address | undefined {
  return parseAddress(text.includes(":") ? text.replace(/%[^%/]+$/, "") : text);
}

/** A network as Python's `ipaddress` takes it: without host bits; an address is a network of one. */
export function strictNetwork(text: string): Network | undefined {
  const [address = "", prefix, ...more] = text.split("/");
  const found = strictAddress(address);
  if (found === undefined || more.length > 0) return undefined;
  if (prefix === undefined) return { ...found, prefix: widthOf(found.version) };
  if (found.version === 6 && !/^\d+$/.test(prefix)) return undefined;
  const network = parseNetwork(`${formatNetwork({ ...found, prefix: 0 }).replace(/\/0$/, "")}/${prefix}`);
  return network === undefined || network.value !== firstOf(network) ? undefined : network;
}

/** Ranges as Python has them since IANA's registries of 2024 came into it. */
const ranges = {
  loopback: networks("127.0.0.0/8", "::1/128"),
  multicast: networks("224.0.0.0/4", "ff00::/8"),
  unspecified: networks("0.0.0.0/32", "::/128"),
  reserved: [
    ...networks("240.0.0.0/4", "::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3"),
    ...networks("8000::/3", "a000::/3", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9"),
  ],
  private: [
    ...networks("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    ...networks("192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"),
    ...networks("::1/128", "::/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"),
    ...networks("fc00::/7", "fe80::/10"),
  ],
  /** Parts of private ranges that are reachable all the same. */
  exceptions: [
    ...networks("192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32"),
    ...networks("2001:4:112::/48", "2001:20::/28", "2001:30::/28"),
  ],
  mapped: networks("::ffff:0:0/96"),
  sixtofour: networks("2002::/16"),
  teredo: networks("2001::/32"),
  shared: networks("100.64.0.0/10"),
};

/** Whether an address is of a class of addresses. */
export function isOfClass(address: Address, name: Exclude<keyof typeof ranges, "exceptions">): boolean {
  const network = { ...address, prefix: widthOf(address.version) };
  if (name !== "private") return isWithin(network, ranges[name]);
  const real = isWithin(network, ranges.mapped) ? ipv4Of(address) : network;
  return isWithin(real, ranges.private) && !isWithin(real, ranges.exceptions);
}

/** The IPv4 address that one of IPv6 stands for. */
function ipv4Of({ value }: Address): Network {
  return { version: 4, value: value & 0xffffffffn, prefix: 32 };
}

/** Whether all of one network lies in another; both as they are written. */
export function liesWithin(inner: string, outer: string): boolean {
  const [small, large] = [strictNetwork(inner), strictNetwork(outer)];
  return small !== undefined && large !== undefined && holds(large, small);
}
