import { exactNumber } from "../exact.ts";
import { Refusal, type Value } from "../value.ts";
import { formatAddress, highestOf, reverseName } from "./address.ts";
import {
  cidrOf,
  firstOf,
  formatNetwork,
  isHostmask,
  isNetmask,
  isWithin,
  lastOf,
  type Network,
  networks,
  sizeOf,
} from "./network.ts";
import { usableBehind, usableOf } from "./usable.ts";

/** What a filter of addresses was given, read. */
export interface Asked {
  network: Network;
  /** Whether it came with a prefix. */
  hasPrefix: boolean;
  /** As it was written; a number as an address. */
  written: string;
}

type Query = (asked: Asked) => Value;

const linkLocal = networks("169.254.0.0/16", "fe80::/10");
const multicast = networks("224.0.0.0/4", "ff00::/8");
const loopback = networks("127.0.0.0/8", "::1/128");
/** As netaddr 0.8 has them. */
const privateUse = [
  ...networks("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15"),
  ...networks("239.0.0.0/8", "fc00::/7", "fec0::/10"),
  ...linkLocal,
];

const addressOf = ({ version, value }: Network) => formatAddress({ version, value });
const first = (network: Network) => formatAddress({ ...network, value: firstOf(network) });
const last = (network: Network) => formatAddress({ ...network, value: lastOf(network) });
const hostmask = (network: Network) => formatAddress({ ...network, value: sizeOf(network) - 1n });
const netmask = (network: Network) =>
  formatAddress({ ...network, value: highestOf(network.version) ^ (sizeOf(network) - 1n) });
const isFirst = (network: Network) => network.value === firstOf(network);
/** IPv4 networks of one or two have no broadcast address. */
const hasBroadcast = ({ version, prefix }: Network) => version === 6 || prefix < 31;
const hasHostBits = (network: Network) => sizeOf(network) > 1n && !isFirst(network);
const isSingle = (network: Network) => ({ ...network, prefix: network.version === 4 ? 32 : 128 });

/** The value as it was written where it is such an address. */
function kept(holds: (network: Network) => boolean): Query {
  return ({ network, written }) => (holds(network) ? written : null);
}

/** What only a network has, so that an address alone is a mistake. */
function ofNetwork(query: (network: Network) => Value): Query {
  return ({ network, hasPrefix, written }) => {
    if (hasPrefix) return query(network);
    throw new Refusal(`'${written}' is not a network`, "write it with its prefix: address/24");
  };
}

function addressQuery({ network }: Asked): Value {
  return sizeOf(network) === 1n || !isFirst(network) || !hasBroadcast(network) || network.version === 6
    ? addressOf(network)
    : null;
}

function hostWithPrefix({ network }: Asked): Value {
  const isEdge = network.value === firstOf(network) || (hasBroadcast(network) && network.value === lastOf(network));
  return sizeOf(network) > 2n && isEdge ? false : formatNetwork(network);
}

function asIpv4({ network, written }: Asked): Value {
  if (network.version === 4) return written;
  const high = network.value >> 32n;
  if ((high !== 0n && high !== 0xffffn) || network.prefix < 96) return false;
  return formatNetwork({ version: 4, value: network.value & 0xffffffffn, prefix: network.prefix - 96 });
}

function asIpv6({ network, written }: Asked): Value {
  if (network.version === 6) return written;
  return formatNetwork({ version: 6, value: (0xffffn << 32n) | network.value, prefix: network.prefix + 96 });
}

function peer(network: Network): Value {
  const size = sizeOf(network);
  const place = network.value % 4n;
  if (size === 4n && (place === 0n || place === 3n))
    throw new Refusal(`${place === 0n ? "the network" : "the broadcast"} address of a /30 has no peer`);
  if (size !== 2n && size !== 4n) throw new Refusal(`'${formatNetwork(network)}' is not a point-to-point network`);
  return addressOf({ ...network, value: network.value ^ (size === 2n ? 1n : 3n) });
}

function isPublic(whole: Network): boolean {
  const network = isSingle(whole);
  return !isWithin(network, [...multicast, ...privateUse, ...loopback]) && !isNetmask(network) && !isHostmask(network);
}

const usableEdge = (edge: "first" | "last") =>
  ofNetwork((network) => {
    const usable = usableOf(network);
    return usable === undefined ? null : formatAddress({ ...network, value: usable[edge] });
  });

const network: Query = ({ network: of }) => first(of);
const subnet: Query = ({ network: of }) => formatNetwork(cidrOf(of));
const wildcard: Query = ({ network: of }) => hostmask(of);
const isLoopback = kept((of) => isWithin(isSingle(of), loopback));

/** What `ipaddr('query')` answers, by the query; null and false as Ansible's. */
export const queries: Readonly<Record<string, Query>> = {
  "": ({ network: of, hasPrefix }) => (hasPrefix ? formatNetwork(of) : addressOf(of)),
  address: addressQuery,
  ip: addressQuery,
  "address/prefix": hostWithPrefix,
  gateway: hostWithPrefix,
  gw: hostWithPrefix,
  router: hostWithPrefix,
  "host/prefix": hostWithPrefix,
  hostnet: hostWithPrefix,
  bool: () => true,
  broadcast: ({ network: of }) => (sizeOf(of) > 2n ? last(of) : null),
  cidr: ({ network: of }) => formatNetwork(of),
  first_usable: usableEdge("first"),
  last_usable: usableEdge("last"),
  next_usable: ofNetwork((of) => usableBehind(of, 1n)),
  previous_usable: ofNetwork((of) => usableBehind(of, -1n)),
  range_usable: ofNetwork((of) => {
    const usable = usableOf(of);
    const edge = (value: bigint) => formatAddress({ ...of, value });
    return usable === undefined ? null : `${edge(usable.first)}-${edge(usable.last)}`;
  }),
  host: ({ network: of }) => (sizeOf(of) === 1n || !isFirst(of) || !hasBroadcast(of) ? formatNetwork(of) : null),
  hostmask: wildcard,
  wildcard,
  int: ({ network: of, hasPrefix }) =>
    hasPrefix ? `${of.value}/${of.prefix}` : exactNumber(of.value, "the address as a number"),
  "ip/prefix": ({ network: of }) => (sizeOf(of) === 2n || hasHostBits(of) ? formatNetwork(of) : null),
  ip_netmask: ({ network: of }) => (sizeOf(of) === 2n || hasHostBits(of) ? `${addressOf(of)} ${netmask(of)}` : null),
  ipv4: asIpv4,
  v4: asIpv4,
  ipv6: asIpv6,
  v6: asIpv6,
  "link-local": kept((of) => isWithin(isSingle(of), linkLocal)),
  loopback: isLoopback,
  lo: isLoopback,
  multicast: kept((of) => isWithin(of, multicast)),
  unicast: kept((of) => !isWithin(of, multicast)),
  private: kept((of) => isWithin(of, privateUse)),
  public: kept(isPublic),
  net: ({ network: of }) => (sizeOf(of) > 1n && isFirst(of) ? formatNetwork(of) : null),
  netmask: ({ network: of }) => netmask(of),
  network,
  network_id: network,
  subnet,
  "network/prefix": subnet,
  network_netmask: ({ network: of }) => `${first(of)} ${netmask(of)}`,
  network_wildcard: ({ network: of }) => `${first(of)} ${hostmask(of)}`,
  peer: ofNetwork(peer),
  prefix: ({ network: of }) => of.prefix,
  revdns: ({ network: of }) => reverseName(of),
  size: ({ network: of }) => exactNumber(sizeOf(of), "the size of the network"),
  size_usable: ({ network: of }) => {
    const size = sizeOf(of);
    return exactNumber(size === 1n ? 0n : size === 2n ? 2n : size - 2n, "the size of the network");
  },
  type: ({ network: of }) => (sizeOf(of) > 1n && isFirst(of) ? "network" : "address"),
  version: ({ network: of }) => of.version,
  wrap: ({ network: of, hasPrefix, written }) =>
    of.version === 4 ? written : `[${addressOf(of)}]${hasPrefix ? `/${of.prefix}` : ""}`,
};
