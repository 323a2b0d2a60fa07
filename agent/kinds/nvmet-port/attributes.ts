import type { NvmetPort } from "../../../shared/modules/kinds/nvmet-port.ts";
import { familyOf } from "../../../shared/nvme/address.ts";
import type { WantedAttributes } from "../attributes.ts";

/** The port's address attributes, in the order in which they are written: trtype resets tsas, so it comes first. */
export function addressAttributes(port: NvmetPort): WantedAttributes {
  return {
    addr_trtype: port.transport,
    addr_adrfam: port.address_family ?? familyOf(port.address) ?? (port.transport === "loop" ? "loop" : "ipv4"),
    addr_traddr: port.address,
    addr_trsvcid: port.service_id,
  };
}

/** What the port may have beside its address; written while nothing is linked, before the first link. */
export function optionAttributes(port: NvmetPort): WantedAttributes {
  return {
    addr_tsas: port.tsas,
    addr_treq: port.treq,
    param_inline_data_size: port.inline_data_size?.toString(),
    param_max_queue_size: port.max_queue_size?.toString(),
  };
}

export function referralAttributes(referral: NonNullable<NvmetPort["referrals"]>[number]): WantedAttributes {
  return {
    addr_trtype: referral.transport,
    addr_adrfam: referral.address_family ?? familyOf(referral.address) ?? "ipv4",
    addr_traddr: referral.address,
    addr_trsvcid: referral.service_id,
    addr_portid: String(referral.port_id),
  };
}
