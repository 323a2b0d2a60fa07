import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Volume } from "../../pairing/volume.ts";
import { eachAtOnce } from "../each-at-once.ts";
import { lookAt, looksAtOnce, type Means } from "./look.ts";
import { shortDigest } from "./node-state.ts";
import { inPieces } from "./pieces.ts";
import type { KnownVolume, Planned, PlannedNode, PlannedVolume } from "./planned.ts";

/** Notes what a check rests on, so that it can be saved as a plan: nodes as they are before it asks them anything else. */
export class PlanRecord {
  readonly #means: Means;
  readonly #expected: readonly NodeId[];
  readonly #known: readonly KnownVolume[];
  readonly #digests: ReadonlyMap<string, string>;
  readonly #nodes = new Map<NodeId, Promise<PlannedNode>>();
  readonly #volumes: PlannedVolume[] = [];

  /** `nodes`: those that the check will work on, or may. `known`: the volumes of the fleet before it. */
  constructor(means: Means, nodes: Iterable<NodeId>, known: Iterable<Volume>) {
    this.#means = means;
    this.#expected = [...nodes];
    this.#known = [...known].map((each) => ({ volume: each.volume, digest: shortDigest(each) }));
    this.#digests = new Map(this.#known.map(({ volume, digest }) => [volume, digest]));
  }

  /** Looks at all nodes that are expected. */
  async begin(): Promise<void> {
    await eachAtOnce(this.#expected, looksAtOnce, (node) => this.look(node));
  }

  /** Looks at a node, once: of some it shows only in a task that they are asked. */
  async look(node: NodeId): Promise<void> {
    const known = this.#nodes.get(node) ?? lookAt(this.#means, node).then((was) => ({ node, ...(was && { was }) }));
    this.#nodes.set(node, known);
    await known;
  }

  /** A pair play has given volumes their places. */
  place(play: number, volumes: Iterable<Volume>): void {
    for (const volume of volumes) {
      const was = this.#digests.get(volume.volume);
      this.#volumes.push({ play, ...(was === undefined ? {} : { was }), volume });
    }
  }

  /** All of it, in pieces that fit into entries of a run. */
  async *pieces(): AsyncGenerator<Partial<Planned>> {
    const nodes = await Promise.all(this.#nodes.values());
    for (const piece of inPieces(nodes.sort((a, b) => (a.node < b.node ? -1 : 1)))) yield { nodes: piece };
    for (const piece of inPieces(this.#known)) yield { known: piece };
    for (const piece of inPieces(this.#volumes)) yield { volumes: piece };
  }
}
