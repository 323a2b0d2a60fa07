import * as z from "zod";
import { NodeId } from "../../shared/protocol/ids.ts";
import { entryKey, type Spec } from "../../shared/protocol/spec.ts";
import type { NodeNews } from "./news.ts";
import { volumeOf } from "./specs.ts";

/** An export or a session that nobody declared. */
export const Orphan = z.object({
  what: z.enum(["export", "connection"]),
  node: NodeId,
  nqn: z.string(),
  says: z.string(),
});
export type Orphan = z.infer<typeof Orphan>;

interface Found {
  what: Orphan["what"];
  kind: "nvmet_subsystem" | "nvme_connection";
  nqn: string;
}

/** What a node reports that is of none of these volumes: most nodes have nothing of the kind. */
export function foreignOf({ report }: NodeNews, isVolume: (nqn: string) => boolean): Found[] {
  const found: Found[] = [
    ...(report?.exports ?? []).map(({ nqn }) => ({ what: "export", kind: "nvmet_subsystem", nqn }) as const),
    ...(report?.connections ?? []).map(({ nqn }) => ({ what: "connection", kind: "nvme_connection", nqn }) as const),
  ];
  return found.filter(({ nqn }) => !isVolume(nqn));
}

/**
 * Which of that its spec does not have, or has of a volume that is no more. `spec`: the node's, as the controller keeps it; where
 * the report was made on another one nothing can be told.
 */
export function orphansOf(
  { id, report }: NodeNews,
  found: readonly Found[],
  spec: Spec,
  volumes: ReadonlyMap<string, unknown>,
): Orphan[] {
  if (report?.generation !== spec.generation) return [];
  // A connection may have a host NQN of its own in its key.
  const entries = Object.entries(spec.entries).filter(([, { state }]) => state === "present");
  return found.flatMap(({ what, kind, nqn }): Orphan[] => {
    const key = entryKey(kind, nqn);
    const entry = entries.find(([name]) => name === key || name.startsWith(`${key} as `))?.[1];
    const volume = entry === undefined ? undefined : volumeOf(entry.owner);
    if (entry !== undefined && (volume === undefined || volumes.has(volume))) return [];
    const does = what === "export" ? `${id} exports ${nqn}` : `${id} is connected to ${nqn}`;
    const says =
      volume === undefined ? `${does}, and nobody declared it` : `${does}, of the volume ${volume}, which is no more`;
    return [{ what, node: id, nqn, says }];
  });
}
