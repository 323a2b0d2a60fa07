import * as z from "zod";
import { DhchapHash, DhGroup } from "../../nvme/dhchap.ts";
import { Nqn } from "../../nvme/nqn.ts";
import { defineKind, State } from "../kind.ts";
import { SecretRef } from "./secret-ref.ts";

/** An initiator as a target knows it: its host NQN and the keys that it must prove (and be given proof of). */
export const nvmetHost = defineKind({
  schema: z.strictObject({
    nqn: Nqn,
    dhchap_key: SecretRef.optional(),
    dhchap_ctrl_key: SecretRef.optional(),
    dhchap_hash: DhchapHash.optional(),
    dhchap_dhgroup: DhGroup.optional(),
    state: State,
  }),
  key: ({ nqn }) => nqn,
  secrets: ["dhchap_key", "dhchap_ctrl_key"],
  children: {},
});
export type NvmetHost = z.output<typeof nvmetHost.schema>;
