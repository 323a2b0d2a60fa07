import type { Address } from "../ip/address.ts";
import { isOfClass, liesWithin, strictAddress, strictNetwork } from "../ip/classes.ts";
import { isHostmask, isNetmask } from "../ip/network.ts";
import { argument, takeItems, takeText } from "../take.ts";
import type { Value } from "../value.ts";
import { plain, type Test, type Tests } from "./test.ts";

/** An address of which something holds; whatever is none passes no test. */
function address(holds: (address: Address) => boolean): Test {
  return plain((value) => {
    const found = typeof value === "string" ? strictAddress(value) : undefined;
    return found !== undefined && holds(found);
  });
}

function network(version?: 4 | 6): Test {
  return plain((value) => {
    const found = typeof value === "string" ? strictNetwork(value) : undefined;
    return found !== undefined && (version === undefined || found.version === version);
  });
}

function within(isOuter: boolean): Test {
  return {
    takes: ["network"],
    holds: (value, args) => {
      const [one, other] = [
        takeText(value, "the network"),
        takeText(argument(args, 0, "network"), "the other network"),
      ];
      return isOuter ? liesWithin(other, one) : liesWithin(one, other);
    },
  };
}

function withinSome(isRight: (count: number) => boolean): Test {
  return {
    takes: ["networks"],
    holds: (value, args, evaluation) => {
      const inner = takeText(value, "the network");
      const networks = takeItems(argument(args, 0, "networks"), "the networks", evaluation);
      return isRight(networks.filter((each: Value) => liesWithin(inner, takeText(each, "each network"))).length);
    },
  };
}

/** Tests of IP and hardware addresses, as the collection ansible.utils has them. */
export const addressTests: Tests = {
  ip: network(),
  ipv4: network(4),
  ipv6: network(6),
  ip_address: address(() => true),
  ipv4_address: address(({ version }) => version === 4),
  ipv6_address: address(({ version }) => version === 6),
  ipv4_netmask: address((each) => each.version === 4 && isNetmask(each) && each.value !== 0n),
  ipv4_hostmask: address((each) => each.version === 4 && isHostmask(each) && each.value !== 0n),
  ipv6_ipv4_mapped: address((each) => isOfClass(each, "mapped")),
  ipv6_sixtofour: address((each) => isOfClass(each, "sixtofour")),
  ipv6_teredo: address((each) => isOfClass(each, "teredo")),
  loopback: address((each) => isOfClass(each, "loopback")),
  multicast: address((each) => isOfClass(each, "multicast")),
  private: address((each) => isOfClass(each, "private")),
  public: address((each) => !isOfClass(each, "private") && !isOfClass(each, "shared")),
  reserved: address((each) => isOfClass(each, "reserved")),
  unspecified: address((each) => isOfClass(each, "unspecified")),
  in_network: within(false),
  subnet_of: within(false),
  supernet_of: within(true),
  in_any_network: withinSome((count) => count > 0),
  in_one_network: withinSome((count) => count === 1),
  mac: plain(
    (value) =>
      typeof value === "string" &&
      /^(?:(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12})$/i.test(value),
  ),
};
