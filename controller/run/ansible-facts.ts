import { type AddressFacts, Facts } from "../../shared/protocol/facts.ts";
import { isJsonRecord, type Json, type JsonRecord, toJson } from "../../shared/protocol/json.ts";
import type { Layer } from "../template/scope.ts";

/**
 * Facts under the names and with the values that Ansible's setup module gives them; those alone that a node knows cheaply.
 * docs/playbooks.md lists them. Undefined for facts of an agent that does not tell enough.
 */
export function ansibleFacts(gathered: Json): JsonRecord | undefined {
  const parsed = Facts.safeParse(gathered);
  if (!parsed.success || parsed.data.system === undefined) return undefined;
  const { hostname, kernel, nvme, addresses, system } = parsed.data;
  const { machine, default_ipv4: route4, default_ipv6: route6, mounts, fqdn, interfaces, ...same } = system;
  const all = (family: AddressFacts["family"]) =>
    addresses.filter((each) => each.family === family && !isLoopback(each)).map(({ address }) => address);
  const facts = toJson({
    ...same,
    ...(machine === undefined ? {} : { machine, architecture: /^i[3-6]86$/.test(machine) ? "i386" : machine }),
    ...(same.processor_vcpus === undefined ? {} : { processor_nproc: same.processor_vcpus }),
    system: "Linux",
    hostname: hostname.split(".")[0] ?? hostname,
    nodename: hostname,
    fqdn,
    domain: fqdn.split(".").slice(1).join("."),
    kernel: kernel.release,
    ...(nvme.hostnqn === undefined ? {} : { hostnqn: nvme.hostnqn }),
    all_ipv4_addresses: all("ipv4"),
    all_ipv6_addresses: all("ipv6"),
    default_ipv4: defaultOf(route4, addresses, "ipv4"),
    default_ipv6: defaultOf(route6, addresses, "ipv6"),
    interfaces: interfaces.length > 0 ? interfaces : [...new Set(addresses.map(({ interface: name }) => name))],
    mounts: mounts.map(({ uuid = "N/A", ...mount }) => ({ ...mount, uuid })),
    ...interfaceFacts(addresses),
  });
  return isJsonRecord(facts) ? facts : undefined;
}

/** The variables that a host's facts make: `facts`, `ansible_facts`, and each of the latter as `ansible_<name>`. */
export function factsLayer(facts: Json): Layer {
  let known: JsonRecord | undefined;
  // Most templates look at none of them.
  const ansible = () => {
    known ??= ansibleFacts(facts) ?? {};
    return known;
  };
  const find = (name: string): Json | undefined => {
    if (name === "facts") return facts;
    if (!name.startsWith(prefix)) return undefined;
    if (name === "ansible_facts") return ansible();
    const own = name.slice(prefix.length);
    return Object.hasOwn(ansible(), own) ? ansible()[own] : undefined;
  };
  return {
    get: (name) => {
      const value = find(name);
      return value === undefined ? undefined : { valueIn: () => value };
    },
    names: () => ["facts", "ansible_facts", ...Object.keys(ansible()).map((name) => `${prefix}${name}`)],
  };
}

const prefix = "ansible_";

type Route = NonNullable<NonNullable<Facts["system"]>["default_ipv4"]>;

/** Of several addresses of the interface the one that the gateway is a neighbour of. Empty where there is no default route. */
function defaultOf(route: Route | undefined, addresses: readonly AddressFacts[], family: AddressFacts["family"]) {
  if (route === undefined) return {};
  const { interface: name, gateway, mtu } = route;
  const own = addresses.filter(
    (each) => each.interface === name && each.family === family && !/^fe[89ab]/i.test(each.address),
  );
  const chosen =
    (gateway === undefined ? undefined : own.find((each) => family === "ipv4" && isNeighbour(each, gateway))) ?? own[0];
  return {
    interface: name,
    ...(gateway === undefined ? {} : { gateway }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(chosen === undefined ? {} : { macaddress: chosen.mac, type: "ether", ...addressFacts(chosen) }),
    ...(family === "ipv4" ? { alias: name } : {}),
  };
}

/** `ansible_eth0` with its addresses. */
function interfaceFacts(addresses: readonly AddressFacts[]): JsonRecord {
  const names = [...new Set(addresses.map(({ interface: name }) => name))];
  return Object.fromEntries(
    names.map((name) => {
      const own = addresses.filter((each) => each.interface === name);
      const [ipv4, ...others] = own.filter(({ family }) => family === "ipv4").map(addressFacts);
      const ipv6 = own.filter(({ family }) => family === "ipv6").map(addressFacts);
      const mac = own[0]?.mac;
      const facts = {
        device: name,
        active: true,
        ...(mac === undefined || name === "lo" ? {} : { macaddress: mac }),
        ...(ipv4 === undefined ? {} : { ipv4 }),
        ...(others.length === 0 ? {} : { ipv4_secondaries: others }),
        ...(ipv6.length === 0 ? {} : { ipv6 }),
      };
      return [name.replaceAll(/[:-]/g, "_"), facts];
    }),
  );
}

function addressFacts({ address, family, prefix }: AddressFacts): JsonRecord {
  if (family === "ipv6") return { address, prefix: String(prefix), scope: scopeOf(address) };
  const mask = maskOf(prefix);
  const number = numberOf(address);
  const isLocal = address.startsWith("127.");
  return {
    address,
    prefix: String(prefix),
    netmask: dotted(mask),
    network: dotted(number & mask),
    broadcast: isLocal || prefix > 30 ? "" : dotted(number | ~mask),
  };
}

function scopeOf(address: string): string {
  if (address === "::1") return "host";
  return /^fe[89ab]/i.test(address) ? "link" : "global";
}

function isLoopback({ address }: AddressFacts): boolean {
  return address.startsWith("127.") || address === "::1";
}

function isNeighbour({ address, prefix }: AddressFacts, gateway: string): boolean {
  const mask = maskOf(prefix);
  return (numberOf(address) & mask) === (numberOf(gateway) & mask);
}

/** Shifting by 32 shifts by none. */
const maskOf = (prefix: number) => (prefix === 0 ? 0 : -1 << (32 - prefix));
const numberOf = (address: string) => address.split(".").reduce((sum, byte) => (sum << 8) | Number(byte), 0);
const dotted = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
