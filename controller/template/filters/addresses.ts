import type { CallArguments } from "../evaluation.ts";
import { exactNumber } from "../exact.ts";
import { formatAddress } from "../ip/address.ts";
import { askAddress, isAnswer, readAddress, takeQuery } from "../ip/ask.ts";
import { hardwareSpellings, interfaceId, parseHardware, spellHardware } from "../ip/hardware.ts";
import { mergeNetworks, spanningNetwork } from "../ip/merge.ts";
import { firstOf, formatNetwork, lastOf, type Network, sizeOf } from "../ip/network.ts";
import { boundsOf, ipMath, ipSubnet, isInside } from "../ip/subnets.ts";
import { addressAt, usableBehind } from "../ip/usable.ts";
import { argument, defined, takeItems, takeText, takeWhole } from "../take.ts";
import { excerpt, isList, Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

function asks(version?: 4 | 6) {
  return {
    takes: version === undefined ? ["query", "version", "alias"] : ["query"],
    does: (value: Value, args: CallArguments): Value => {
      const wanted = version ?? takeVersion(argument(args, 1, "version"));
      return askAddress(defined(value), takeQuery(argument(args, 0, "query")), wanted);
    },
  };
}

function takeVersion(value: Value | undefined): 4 | 6 | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value === 4) return 4;
  if (value === 6) return 6;
  throw new Refusal("version is 4 or 6");
}

function wrap(value: Value, query: string): Value {
  // Of a list each item is wrapped as it is, of a single value what the query answers: Ansible's own rule.
  if (isList(value)) return value.map((item) => (isAnswer(asked(item, query)) ? askAddress(item, "wrap") : item));
  const found = asked(value, query);
  return isAnswer(found) ? askAddress(found, "wrap") : value;
}

/** An answer where there is an address to ask of; else false. */
function asked(value: Value, query: string): Value {
  return readAddress(value) === undefined ? false : askAddress(value, query);
}

function hardware(value: Value, args: CallArguments): Value {
  const query = takeQuery(argument(args, 0, "query"));
  const text = takeText(value, "a hardware address");
  const digits = parseHardware(text);
  if (query === "" || query === "bool") return digits === undefined ? null : query === "" ? text : true;
  if (digits === undefined) throw new Refusal(`${excerpt(text)} is not a hardware address`);
  if (query === "int") return exactNumber(BigInt(`0x${digits}`), "the address as a number");
  const spelled = spellHardware(digits, query);
  if (spelled !== undefined) return spelled;
  throw new Refusal(
    `there is no spelling ${excerpt(query)} of hardware addresses`,
    `there are ${hardwareSpellings.join(", ")}, int and bool`,
  );
}

function takeNetwork(value: Value): Network {
  const found = readAddress(value)?.network;
  if (found === undefined) throw new Refusal(`'${takeText(value, "an address")}' is neither an address nor a network`);
  return found;
}

function nthUsable(sign: 1n | -1n) {
  return {
    takes: ["offset"],
    does: (value: Value, args: CallArguments): Value => {
      const network = readAddress(defined(value))?.network;
      if (network === undefined) return false;
      return usableBehind(network, sign * BigInt(takeWhole(argument(args, 0, "offset"), "offset")));
    },
  };
}

function nthHost(value: Value, args: CallArguments): Value {
  const network = readAddress(defined(value))?.network;
  const query = takeQuery(argument(args, 0, "query"));
  if (network === undefined || !/^-?\d+$/.test(query) || sizeOf(network) <= BigInt(query)) return false;
  const found = addressAt(network, BigInt(query));
  if (found === undefined) throw new Refusal(`'${formatNetwork(network)}' has no address ${query}`);
  return found;
}

function slaac(value: Value, args: CallArguments): Value {
  const network = readAddress(defined(value))?.network;
  const digits = parseHardware(takeQuery(argument(args, 0, "query")));
  if (network?.version !== 6 || digits === undefined) return false;
  return formatAddress({ version: 6, value: firstOf(network) + interfaceId(digits) });
}

function isIn(usable: boolean) {
  return {
    takes: ["test"],
    does: (value: Value, args: CallArguments): Value =>
      isInside(boundsOf(argument(args, 0, "test") ?? null), boundsOf(defined(value), usable)),
  };
}

export const addressFilters: Filters = {
  ipaddr: asks(),
  ipv4: asks(4),
  ipv6: asks(6),
  ipwrap: { takes: ["query"], does: (value, args) => wrap(defined(value), takeQuery(argument(args, 0, "query"))) },
  ipsubnet: {
    takes: ["query", "index"],
    does: (value, args) => {
      const index = argument(args, 1, "index");
      const at = index === undefined || index === null ? undefined : takeWhole(index, "index");
      return ipSubnet(defined(value), takeQuery(argument(args, 0, "query")), at);
    },
  },
  ipmath: {
    takes: ["amount"],
    does: (value, args) => ipMath(takeText(value, "an address"), takeWhole(argument(args, 0, "amount"), "amount")),
  },
  ip4_hex: {
    takes: ["delimiter"],
    does: (value, args) => {
      const { version, value: number } = takeNetwork(value);
      if (version !== 4) throw new Refusal("'ip4_hex' writes IPv4 addresses");
      return (number.toString(16).padStart(8, "0").match(/../g) ?? []).join(takeQuery(argument(args, 0, "delimiter")));
    },
  },
  next_nth_usable: nthUsable(1n),
  previous_nth_usable: nthUsable(-1n),
  nthhost: { takes: ["query"], does: nthHost },
  slaac: { takes: ["query"], does: slaac },
  network_in_network: isIn(false),
  network_in_usable: isIn(true),
  reduce_on_network: {
    takes: ["network"],
    does: (value, args, evaluation) => {
      const outer = boundsOf(argument(args, 0, "network") ?? null);
      return takeItems(value, "the addresses", evaluation).filter((item) => isInside(boundsOf(item), outer));
    },
  },
  cidr_merge: {
    takes: ["action"],
    does: (value, args, evaluation) => {
      const networks = takeItems(value, "the networks", evaluation).map(takeNetwork);
      const action = takeText(argument(args, 0, "action") ?? "merge", "action");
      if (action === "merge") return mergeNetworks(networks).map(formatNetwork);
      if (action !== "span") throw new Refusal(`an action of 'cidr_merge' is merge or span, got '${action}'`);
      const [only] = networks;
      if (only === undefined) return null;
      const spanned = networks.length === 1 ? only : spanningNetwork(networks);
      if (spanned === undefined) throw new Refusal("no network has both IPv4 and IPv6 addresses");
      return formatNetwork(spanned);
    },
  },
  usable_range: {
    takes: [],
    does: (value, _, { budget }) => {
      const network = takeNetwork(value);
      const count = exactNumber(sizeOf(network), "the size of the network");
      budget.spend(count);
      const addresses: string[] = [];
      for (let at = firstOf(network); at <= lastOf(network); at++)
        addresses.push(formatAddress({ ...network, value: at }));
      return { usable_ips: addresses, number_of_ips: count };
    },
  },
  hwaddr: { takes: ["query", "alias"], does: hardware },
  macaddr: { takes: ["query"], does: hardware },
};
