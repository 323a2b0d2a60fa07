import * as z from "zod";
import { Uuid } from "../../nvme/ids.ts";
import { Nqn } from "../../nvme/nqn.ts";
import { defineKind, State } from "../kind.ts";

/** The node's own host NQN and host id, /etc/nvme/hostnqn and hostid: kept where they are, made once where they are not. */
export const nvmeHostIdentity = defineKind({
  schema: z.strictObject({
    hostnqn: Nqn.optional(),
    hostid: Uuid.optional(),
    state: State,
  }),
  key: () => "node",
  secrets: [],
  children: {},
});
export type NvmeHostIdentity = z.output<typeof nvmeHostIdentity.schema>;
