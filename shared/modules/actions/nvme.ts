import * as z from "zod";
import { ServiceId, Transport, TransportAddress } from "../../nvme/address.ts";
import { Uuid } from "../../nvme/ids.ts";
import { Nqn } from "../../nvme/nqn.ts";
import { Path } from "../kinds/nvme-connection.ts";

const seconds = z.number().min(0);

export const nvmeDiscover = z.strictObject({
  transport: Transport.default("tcp"),
  address: TransportAddress,
  service_id: ServiceId.default("4420"),
  hostnqn: Nqn.optional(),
  /** Fails unless the log lists this subsystem. */
  nqn: Nqn.optional(),
  timeout: seconds.default(10),
});

export const nvmeVerify = z.strictObject({
  nqn: Nqn,
  /** Of the namespace. */
  uuid: Uuid,
  /** Bytes, exactly. */
  size: z.int().min(1).optional(),
  /** Each must be live; without them, one. */
  paths: z
    .array(Path.pick({ transport: true, address: true, service_id: true }))
    .min(1)
    .optional(),
  timeout: seconds.default(10),
});
