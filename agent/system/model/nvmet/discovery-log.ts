import type { DiscoveryRecord } from "../../../../shared/nvme/discovery/log-page.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { isWildcard } from "../ip.ts";
import type { Kernel } from "../versions.ts";
import type { Nvmet } from "./core.ts";
import type { Address, Port } from "./state.ts";

const anyController = 0xffff;
const adminQueueSize = 32;

/**
 * The discovery log of a host on a port (target/discovery.c): this discovery subsystem, the subsystems of the port that
 * allow the host, the enabled referrals. `local` is the address that the host connected to.
 */
export function discoveryLog(nvmet: Nvmet, port: Port, hostnqn: string, local: string): DiscoveryRecord[] {
  const here = { ...port.address, traddr: isWildcard(port.address.traddr) ? local : port.address.traddr };
  const record = (
    address: Address,
    nqn: string,
    subtype: DiscoveryRecord["subtype"],
    portId: number,
  ): DiscoveryRecord => ({
    transport: transportOf(address.trtype, nvmet.kernel),
    addressFamily: familyOf(address.adrfam),
    subtype,
    treq: address.treq,
    portId,
    cntlid: anyController,
    asqsz: adminQueueSize,
    serviceId: address.trsvcid,
    nqn,
    address: address.traddr,
    sectype: address.tsas === "tls1.3" ? "tls1.3" : "none",
  });
  const found = [...port.subsystems].filter(
    ({ allowAnyHost, allowed }) => allowAnyHost || [...allowed].some(({ nqn }) => nqn === hostnqn),
  );
  return [
    ...(nvmet.kernel.does.discoveryListsItself
      ? [record(here, nvmet.discoveryNqn, "current discovery", port.portId)]
      : []),
    ...found.map(({ nqn }) => record(here, nqn, "nvm", port.portId)),
    ...[...port.referrals]
      .filter(({ enabled, address }) => enabled && address.trtype !== "pci")
      .map((each) => record(each.address, discoveryNqn, "referral", each.portId)),
  ];
}

/** What was never written is zero; where that means PCI, the transport has another number. */
function transportOf(trtype: string, { does }: Kernel): DiscoveryRecord["transport"] {
  const known = (["tcp", "rdma", "fc", "loop"] as const).find((each) => each === trtype);
  return known ?? (does.transportUnset ? "unknown 255" : "unknown 0");
}

function familyOf(adrfam: string): DiscoveryRecord["addressFamily"] {
  const known = (["ipv4", "ipv6", "ib", "fc", "loop"] as const).find((each) => each === adrfam);
  return known ?? "unknown 0";
}
