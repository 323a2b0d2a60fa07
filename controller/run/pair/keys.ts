import type { SecretRef } from "../../../shared/modules/kinds/secret-ref.ts";
import { formatDhchapKey } from "../../../shared/nvme/dhchap.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import { Secret } from "../../../shared/secret.ts";
import type { InitiatorKeys, TargetKeys } from "../../pairing/resources.ts";
import type { Volume } from "../../pairing/volume.ts";
import type { Bench } from "../perform.ts";
import { referTo, secretName } from "../secret-names.ts";

export interface KeysOf<R> {
  /** For the entries of the node. */
  references: R;
  /** By the names that orders use. */
  values: Record<string, Secret>;
}

/** Whose proof a key is, with the fields that have it at a target and at an initiator. */
export const proofs = {
  host: { target: "dhchap_key", initiator: "dhchap_secret" },
  controller: { target: "dhchap_ctrl_key", initiator: "dhchap_ctrl_secret" },
} as const;
export type Proof = keyof typeof proofs;

type Means = Pick<Bench, "secretKey" | "deriveKey">;

/** The proofs that a volume asks for. */
export function proofsOf({ authentication }: Pick<Volume, "authentication">): Proof[] {
  if (authentication === "none") return [];
  return authentication === "dhchap" ? ["host"] : ["host", "controller"];
}

/** An initiator, and the host NQN that targets know it by. */
export interface KeyHolder {
  initiator: NodeId;
  hostnqn: string;
}

/**
 * The DH-HMAC-CHAP keys of an initiator: all its volumes agree about them, and they are derived from the controller's key, so that
 * nobody needs to keep them. The node is part of it: one that says another's host NQN is not given the other's keys.
 */
export class PairKeys {
  readonly #means: Means;
  readonly #holder: KeyHolder;

  constructor(means: Means, holder: KeyHolder) {
    this.#means = means;
    this.#holder = holder;
  }

  forTarget(node: NodeId, version: number, which: readonly Proof[]): KeysOf<TargetKeys> {
    return this.#refer(`${node} nvmet_host ${this.#holder.hostnqn}`, "target", version, which);
  }

  forInitiator(nqn: string, version: number, which: readonly Proof[]): KeysOf<InitiatorKeys> {
    return this.#refer(`${this.#holder.initiator} nvme_connection ${nqn}`, "initiator", version, which);
  }

  #refer(resource: string, end: "target" | "initiator", version: number, which: readonly Proof[]) {
    const references: Record<string, SecretRef> = {};
    const values: Record<string, Secret> = {};
    const { initiator, hostnqn } = this.#holder;
    for (const proof of which) {
      const field = proofs[proof][end];
      const bytes = this.#means.deriveKey(`dhchap ${proof} ${initiator} ${hostnqn} ${version}`);
      const secret = new Secret(formatDhchapKey(bytes));
      const reference = referTo(this.#means.secretKey, resource, field, secret);
      references[field] = reference;
      values[secretName(reference)] = secret;
    }
    return { references, values };
  }
}
