import { FlashfleetError } from "../../../shared/errors.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { conflictsOf } from "../../fleet/identities.ts";
import { conflictErrors, type Intended } from "../../fleet/identity-repairs.ts";
import { newsOf } from "../../fleet/news.ts";
import { meantOnSeveral } from "../../fleet/survey.ts";
import type { Volumes } from "../../fleet/volumes.ts";

/** What must be there once in the fleet, as a run looked at it last. */
export class Identities {
  #errorOf: (intended: Intended) => FlashfleetError | undefined = () => undefined;
  /** Whose host NQNs are, as the records of volumes have it. */
  #holders = new Map<string, NodeId>();

  /** Looks at all nodes: once for all pairs of a play. */
  look(fleet: Fleet, volumes: Volumes, now: number): void {
    const all = [...volumes.all.values()];
    const news = fleet.nodes().map((node) => newsOf(node, now));
    this.#errorOf = conflictErrors(conflictsOf(news, meantOnSeveral(all)));
    const pairs = all.flatMap((volume) => volume.pairs);
    this.#holders = new Map(
      pairs.flatMap(({ hostnqn, initiator }) => (hostnqn === undefined ? [] : [[hostnqn, initiator]])),
    );
  }

  /**
   * A node says its host NQN, and must not be believed if it is another's: targets would let it in as that one. Throws
   * `identity_conflict`.
   */
  claim(hostnqn: string, initiator: NodeId): void {
    const holder = this.#holders.get(hostnqn) ?? initiator;
    this.#holders.set(hostnqn, holder);
    if (holder === initiator) return;
    throw new FlashfleetError(
      "identity_conflict",
      `cannot let ${initiator} in as ${hostnqn}: that is the host NQN of ${holder}, which has volumes by it`,
      {
        hint: `a cloned image, or a node that says what is not true: give ${initiator} one of its own (nvme_host_identity) once it is known which`,
      },
    );
  }

  /** Throws `identity_conflict` where something stands in the way of a connection. */
  insist(intended: Intended): void {
    const error = this.#errorOf(intended);
    if (error !== undefined) throw error;
  }
}
