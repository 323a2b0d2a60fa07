import type { DriveFacts } from "../../shared/protocol/facts.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { type Pool, poolTest, poolVariable } from "./pool.ts";
import type { Drive, Obstacle, Target } from "./want.ts";

export interface SupplyOf {
  node: NodeId;
  drives: readonly DriveFacts[];
  /** undefined: the node declares none, and gives nothing that is not asked for by name. */
  pool: Pool | undefined;
  /** Whether a volume that lay on the drive was removed, and nobody has wiped it since. */
  isDirty(id: string): boolean;
  variables: Readonly<Record<string, string>>;
}

/** A node's drives as volumes could lie on them, each with all that is in the way. */
export function supplyOf({ node, drives, pool, isDirty, variables }: SupplyOf): Target {
  const isInPool = pool === undefined ? () => false : poolTest(pool);
  const outside =
    pool === undefined ? `${node} declares no ${poolVariable}` : `it is not in ${poolVariable} of ${node}`;
  return {
    node,
    variables,
    drives: drives.map((facts): Drive => {
      const drive = {
        id: idOf(node, facts),
        device: lastingName(facts),
        names: [facts.path, ...facts.by_id],
        size: facts.size,
      };
      const obstacles: Obstacle[] = [
        ...facts.uses.map(({ device, says }): Obstacle => ({ is: "use", says: `${device} is ${says}` })),
        ...(facts.read_only ? [{ is: "read_only", says: "it is read-only" } as const] : []),
        ...(facts.signature === "" ? [] : [signatureOf(facts)]),
        ...(isDirty(drive.id) ? [{ is: "dirty", says: "it was a volume's, and is not wiped" } as const] : []),
        ...(isInPool(drive) ? [] : [{ is: "pool", says: outside } as const]),
      ];
      return { ...drive, obstacles };
    }),
  };
}

function signatureOf({ signature }: DriveFacts): Obstacle {
  return signature === undefined
    ? { is: "use", says: "what lies on it cannot be told" }
    : { is: "signature", says: `there is ${signature} on it` };
}

/** One drive has one wwid, wherever it is seen. Without one its serial and model have to do, on this node alone. */
function idOf(node: NodeId, { wwid, serial, model, name }: DriveFacts): string {
  if (wwid !== "") return wwid;
  return serial === "" ? `${node} ${name}` : `${node} ${model} ${serial}`;
}

const lasting = ["/nvme-eui.", "/nvme-uuid.", "/wwn-", "/nvme-", ""];

/** By its identity rather than by what is printed on it; never the kernel's name if there is another. */
function lastingName({ by_id: links, path }: DriveFacts): string {
  const rank = (link: string) => lasting.findIndex((part) => link.includes(part));
  const [first] = links.toSorted((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1));
  return first ?? path;
}
