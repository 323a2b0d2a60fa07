import { planAll } from "../../agent/engine/plan-all.ts";
import { goalsOf, wantedOf } from "../../agent/engine/wanted.ts";
import type { Memory, Plan } from "../../agent/kinds/kind.ts";
import { kinds } from "../../agent/kinds/kinds.ts";
import type { Observed } from "../../agent/observe/observed.ts";
import type { KindDefinition } from "../../shared/modules/kind.ts";
import { kinds as definitions, type KindName, type ResourceOf } from "../../shared/modules/kinds/kinds.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { JsonRecord } from "../../shared/protocol/json.ts";
import { type Edit, type Entry, emptySpec, entryKey, type Spec } from "../../shared/protocol/spec.ts";

export const nodeId = NodeId.parse("flash01");
export const freshUuid = "0f0f0f0f-1111-4222-8333-444444444444";

/** Entries of a spec from what people write: `{ nvmet_port: { … } }`, or a list of such. */
export type Tasks = readonly { readonly [K in KindName]?: object }[];

/** As the controller makes them of a task. Throws where the kind's schema does not take it. */
export function entriesOf(tasks: Tasks): Record<string, Entry> {
  return Object.fromEntries(
    tasks.flatMap((task) =>
      Object.entries(task).map(([kind, written]): [string, Entry] => {
        const definition: KindDefinition = definitions[kind as KindName];
        const resource = definition.schema.parse(written);
        const state = resource.state === "absent" ? "absent" : "present";
        const key = entryKey(kind, definition.key(resource));
        return [key, { kind, state, resource: JsonRecord.parse(JSON.parse(JSON.stringify(resource))), owner: "test" }];
      }),
    ),
  );
}

export function specOf(tasks: Tasks, generation = 1): Spec {
  return { ...emptySpec(nodeId), generation, entries: entriesOf(tasks) };
}

export function editOf(spec: Spec, tasks: Tasks): Edit {
  return { base: spec.generation, generation: spec.generation + 1, set: entriesOf(tasks) };
}

export function memoryOf(more: Partial<Omit<Memory, "owned">> & { owned?: readonly string[] } = {}): Memory {
  const { owned = [], ...rest } = more;
  return { node: nodeId, pins: {}, secret: () => undefined, freshUuid, ...rest, owned: new Set(owned) };
}

/** The plan of all kinds for these tasks, sorted as the engine does them. `others` are in the spec without being a goal. */
export function planFor(tasks: Tasks, seen: Observed, memory: Memory, others: Tasks = []): Plan {
  const goals = goalsOf(entriesOf(tasks));
  const spec = specOf([...others, ...tasks]);
  return planAll(Object.values(kinds), wantedOf(goals, spec), seen, memory);
}

/** What the node has of a kind, as resources. */
export function currentOf<K extends KindName>(kind: K, seen: Observed): ResourceOf<K>[] {
  return kinds[kind].current(seen);
}
