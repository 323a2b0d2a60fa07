import { FlashfleetError } from "../../../shared/errors.ts";
import { Facts } from "../../../shared/protocol/facts.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Exporter } from "../../pairing/place-volumes.ts";
import { Pool, poolVariable } from "../../pairing/pool.ts";
import { supplyOf } from "../../pairing/supply.ts";
import type { Play } from "../../project/playbook.ts";
import type { Scope } from "../../template/scope.ts";
import { compileExpression } from "../../template/template.ts";
import { eachAtOnce } from "../each-at-once.ts";
import { type Bench, gatherFacts } from "../perform.ts";
import type { Stage } from "../stage.ts";

/** Nodes that are asked for their facts at once. */
const atOnce = 500;
const factsSeconds = 60;
const declaredPool = compileExpression(poolVariable);

/** What nodes could export, as they are now; and those that did not answer. */
export async function exportersOf(
  stage: Stage,
  play: Play,
  {
    nodes,
    hostOf,
  }: {
    nodes: ReadonlySet<NodeId> /** The inventory's, of those that the play names. */;
    hostOf: ReadonlyMap<NodeId, string>;
  },
  spreads: ReadonlySet<string>,
): Promise<{ found: Exporter[]; silent: NodeId[] }> {
  const { bench, scopes } = stage;
  const found: Exporter[] = [];
  const silent: NodeId[] = [];
  await eachAtOnce([...nodes], atOnce, async (node) => {
    const facts = await factsOf(bench, node);
    if (facts === undefined) {
      silent.push(node);
      return;
    }
    const host = hostOf.get(node);
    const scope = host === undefined ? undefined : scopes.ofTask(play, [], undefined, host);
    const supply = supplyOf({
      node,
      drives: facts.drives,
      pool: scope === undefined ? undefined : poolOf(node, scope),
      isDirty: (drive) => bench.volumes.dirty.has(drive),
      variables: scope === undefined ? {} : textsOf(scope, spreads),
    });
    found.push({ ...supply, addresses: facts.addresses, listeners: listenersOf(bench, node) });
  });
  return { found, silent };
}

/** undefined where there is no answer. */
async function factsOf(bench: Bench, node: NodeId): Promise<Facts | undefined> {
  const { signal, run } = bench;
  const call = `${run}_facts_${node}_${crypto.randomUUID().slice(0, 8)}`;
  const job = { node, call, timeout: factsSeconds, confidential: false, onProgress: () => {} };
  try {
    const { result } = await gatherFacts(bench, job);
    return Facts.safeParse(result).data;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function poolOf(node: NodeId, scope: Scope): Pool | undefined {
  if (!scope.has(poolVariable)) return undefined;
  const parsed = Pool.safeParse(declaredPool.evaluate(scope));
  if (parsed.success) return parsed.data;
  throw new FlashfleetError(
    "bad_inventory",
    `cannot read ${poolVariable} of ${node}: ${parsed.error.issues[0]?.message}`,
    {
      hint: "all, or a list of patterns of names below /dev/disk/by-id: [nvme-SAMSUNG*, { drives: '*', min_size: 1TB }]",
    },
  );
}

function textsOf(scope: Scope, names: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(
    [...names].flatMap((name) => {
      if (!scope.has(name)) return [];
      const value = compileExpression(name).evaluate(scope);
      return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
    }),
  );
}

/** What the node said that it exports, whoever made it. */
function listenersOf({ fleet }: Bench, node: NodeId): Exporter["listeners"] {
  const exported = fleet.find(node)?.report?.exports ?? [];
  return exported.flatMap(({ ports }) =>
    ports.map(({ id, address, serviceId }) => ({ id, address, service_id: serviceId })),
  );
}
