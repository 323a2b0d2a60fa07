import * as z from "zod";
import { AddressFamily, renderEndpoint, ServiceId, Transport, TransportAddress } from "../../nvme/address.ts";
import { AnaGroupId, PortId } from "../../nvme/ids.ts";
import { byField, defineKind, Override, State } from "../kind.ts";

const AnaState = z.enum(["optimized", "non-optimized", "inaccessible", "persistent-loss", "change"]);

const Referral = z.strictObject({
  name: z.string().regex(/^[\w.:-]{1,255}$/, "a referral's name has letters, digits, dots, colons and dashes"),
  transport: Transport,
  address_family: AddressFamily.optional(),
  address: TransportAddress,
  service_id: ServiceId,
  port_id: PortId.default(0),
});

/** Where a target listens. It begins to listen at its first link: a subsystem's `ports` names it. */
export const nvmetPort = defineKind({
  schema: z.strictObject({
    id: PortId.optional(),
    transport: Transport.default("tcp"),
    address_family: AddressFamily.optional(),
    address: TransportAddress,
    service_id: ServiceId.default("4420"),
    treq: z.enum(["not specified", "required", "not required"]).optional(),
    tsas: z.enum(["none", "tls1.3"]).optional(),
    inline_data_size: z.int().min(0).optional(),
    max_queue_size: z.int().min(16).max(1024).optional(),
    ana_groups: z.array(z.strictObject({ id: AnaGroupId, state: AnaState })).optional(),
    referrals: z.array(Referral).optional(),
    override: Override,
    state: State,
  }),
  key: ({ transport, address, service_id }) => renderEndpoint({ transport, address, serviceId: service_id }),
  secrets: [],
  children: { ana_groups: byField("id"), referrals: byField("name") },
});
export type NvmetPort = z.output<typeof nvmetPort.schema>;
