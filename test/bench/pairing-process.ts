import * as z from "zod";
import { allocate } from "../../controller/pairing/allocate.ts";
import type { Target, Want } from "../../controller/pairing/want.ts";
import { NodeId } from "../../shared/protocol/ids.ts";

const Task = z.object({ nodes: z.int(), spread: z.boolean() });
const { nodes, spread } = Task.parse(JSON.parse(process.argv[2] ?? ""));

const sizes = [0.96e12, 1.92e12, 3.84e12, 7.68e12];
const racks = 200;

const targets: Target[] = Array.from({ length: nodes }, (_, t) => ({
  node: NodeId.parse(`flash${t}`),
  variables: { rack: `r${t % racks}` },
  drives: sizes.map((_size, d) => {
    const device = `/dev/disk/by-id/nvme-eui.${t}.${d}`;
    // No two drives of one size: the most classes that there can be.
    const size = (sizes[(t + d) % sizes.length] ?? 0) + t;
    return { id: `eui.${t}.${d}`, device, names: [device, `/dev/nvme${d}n1`], size, obstacles: [] };
  }),
}));
const all = targets.map(({ node }) => node);
const wants: Want[] = Array.from({ length: nodes }, (_, i) => NodeId.parse(`db${i}`)).flatMap((initiator) =>
  ["data", "wal"].map((name) => ({
    volume: `${initiator}/${name}`,
    initiator,
    size: 0.9e12,
    targets: all,
    spread: spread ? "rack" : undefined,
    local: false,
    backing: "single" as const,
    device: undefined,
    override: [],
  })),
);

global.gc?.();
const before = process.memoryUsage().rss;
const started = performance.now();
const first = allocate(targets, wants, new Map());
const done = performance.now();
const second = allocate(targets, wants, first.allocations);
const again = performance.now();
if (first.unmet.length > 0 || second.allocations.size !== wants.length)
  throw new Error(`${first.unmet.length} of ${wants.length} volumes found no drive`);
process.stdout.write(
  JSON.stringify({
    first: done - started,
    again: again - done,
    rss: process.memoryUsage().rss,
    grown: process.memoryUsage().rss - before,
  }),
);
