import type { Millis } from "../../../../shared/clock.ts";
import { canonicalAddress } from "../ip.ts";

/** What is done to the links between some addresses, or between some addresses and all others. As data. */
export interface LinkTrouble {
  between: readonly [one: readonly string[], other: readonly string[] | "all"];
  does:
    | {
        /**
         * Packets vanish: connections stay as they are until somebody loses patience; what was under way comes when it is
         * healed before.
         */
        is: "cut";
        /** What a new connection fails with: after TCP's patience, or once a router says so. Default ETIMEDOUT. */
        dial?: "ETIMEDOUT" | "EHOSTUNREACH";
      }
    | {
        is: "slow";
        /** Of one message, in one direction. */
        millis: Millis;
      };
}

/** How one address reaches another. */
export interface Reach {
  /** Of one message; Infinity: it vanishes. */
  delay: Millis;
  /** What a dial fails with that takes too long. */
  dial: "ETIMEDOUT" | "EHOSTUNREACH";
}

/** All that is done to the links of a network. */
export class Troubles {
  readonly #troubles = new Set<LinkTrouble>();

  /** Gives what takes it away again. */
  add(given: LinkTrouble): () => void {
    const [one, other] = given.between;
    const canonical: LinkTrouble = {
      ...given,
      between: [one.map(canonicalAddress), other === "all" ? "all" : other.map(canonicalAddress)],
    };
    this.#troubles.add(canonical);
    return () => this.#troubles.delete(canonical);
  }

  /** Between two addresses in their canonical spelling. */
  between(from: string, to: string): Reach {
    let worst: Reach = { delay: 0, dial: "ETIMEDOUT" };
    for (const { between, does } of this.#troubles) {
      if (!applies(between, from, to) && !applies(between, to, from)) continue;
      if (does.is === "cut") return { delay: Number.POSITIVE_INFINITY, dial: does.dial ?? "ETIMEDOUT" };
      if (does.millis > worst.delay) worst = { ...worst, delay: does.millis };
    }
    return worst;
  }
}

function applies([one, other]: LinkTrouble["between"], from: string, to: string): boolean {
  return one.includes(from) && (other === "all" || other.includes(to));
}
