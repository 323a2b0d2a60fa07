import type { Lib } from "../lib.ts";
import { allowedHosts, hosts } from "./hosts.ts";
import { blockNamespaces, namespaces } from "./namespaces.ts";
import { enabledPort, portAddress, ports } from "./ports.ts";
import { otherTransports, passthru, takeDown, uniqueDiscovery } from "./rest.ts";
import { referral, secondPort } from "./second-port.ts";
import { subsystem, subsystemAttributes } from "./subsystem.ts";

/** Rules and attributes of configfs (t1.py). */
export async function t1(lib: Lib): Promise<void> {
  await subsystem(lib);
  await subsystemAttributes(lib);
  await namespaces(lib);
  await blockNamespaces(lib);
  await hosts(lib);
  await allowedHosts(lib);
  await ports(lib);
  await portAddress(lib);
  await enabledPort(lib);
  await secondPort(lib);
  await referral(lib);
  await otherTransports(lib);
  await uniqueDiscovery(lib);
  await passthru(lib);
  await takeDown(lib);
}
