import type { SecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { Refusal } from "./kind.ts";

/** The refusal where a spec names a secret that this node does not hold. */
export function missingKey(resource: string, doing: string, { secret, version }: SecretRef): Refusal {
  return {
    resource,
    error: {
      code: "key_missing",
      message: `cannot ${doing}: this node was not given version ${version} of ${secret}`,
      hint: "run the playbook again: the controller sends the key with it",
    },
  };
}
