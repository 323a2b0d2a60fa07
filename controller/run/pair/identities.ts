import type { FlashfleetError } from "../../../shared/errors.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { conflictsOf } from "../../fleet/identities.ts";
import { conflictErrors, type Intended } from "../../fleet/identity-repairs.ts";
import { newsOf } from "../../fleet/news.ts";
import type { Volumes } from "../../fleet/volumes.ts";

/** What must be there once in the fleet, as a run looked at it last. */
export class Identities {
  #errorOf: (intended: Intended) => FlashfleetError | undefined = () => undefined;

  /** Looks at all nodes: once for all pairs of a play. */
  look(fleet: Fleet, volumes: Volumes, now: number): void {
    const meant = new Set([...volumes.all.values()].filter(({ legs }) => legs.length > 1).map(({ nqn }) => nqn));
    const news = fleet.nodes().map((node) => newsOf(node, now));
    this.#errorOf = conflictErrors(conflictsOf(news, (nqn) => meant.has(nqn)));
  }

  /** Throws `identity_conflict` where something stands in the way of a connection. */
  insist(intended: Intended): void {
    const error = this.#errorOf(intended);
    if (error !== undefined) throw error;
  }
}
