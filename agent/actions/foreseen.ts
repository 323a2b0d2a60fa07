import type { Signature } from "../observe/signatures.ts";

/** What a check would have made of a package; of one that is only removed, its configuration would be left. */
export type Fate = "installed" | "removed" | "purged";

/** What is known of a unit of systemd. */
export interface UnitState {
  /** It is active, or about to be. */
  isRunning: boolean;
  isEnabled: boolean;
  isMasked: boolean;
}

/**
 * What a check's tasks would have made of things that its model of the node does not have: packages, and units of systemd. A
 * later task of the check finds it here.
 */
export class Foreseen {
  readonly packages = new Map<string, Fate>();
  readonly units = new Map<string, Partial<UnitState>>();
  /** What would lie on a device by now, by its path with every link resolved. */
  readonly signatures = new Map<string, readonly Signature[]>();
  /** Programs were skipped, of which nobody knows what they would have done. */
  #programs = false;

  /** A task was skipped, since what it does cannot be known. */
  skipped(): void {
    this.#programs = true;
  }

  /** Why something that is not on the node may be there by then; undefined where nothing speaks for it. */
  whyPerhapsThere(): string | undefined {
    if (this.#programs) return "programs that this check skipped may bring it";
    const [name] = [...this.packages].find(([, fate]) => fate === "installed") ?? [];
    return name === undefined ? undefined : `the package ${name}, which would be installed before, may bring it`;
  }
}
