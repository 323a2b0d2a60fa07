import type { InterfaceAddress, System } from "../system/system.ts";

/** By interface, IPv4 before IPv6, in the system's order otherwise. */
export async function observeAddresses(system: System): Promise<InterfaceAddress[]> {
  const addresses = await system.addresses();
  return addresses.toSorted(
    (a, b) => compare(a.interface, b.interface) || compare(a.family, b.family) || compare(a.address, b.address),
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
