import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Volume } from "./volume.ts";
import { deviceOf } from "./volume-device.ts";

/** The variable `volumes` of an initiator: what it has, by the names that its plays use. Those that never worked are left out. */
export function volumesVariable(volumes: readonly Volume[], initiator: NodeId): Json {
  const has = volumes.filter(({ pairs }) => pairs.some((pair) => pair.initiator === initiator && pair.ready));
  return Object.fromEntries(
    has.map((each): [string, Json] => {
      const { volume, name, uuid, nqn, size, legs } = each;
      return [name, { volume, device: deviceOf(each), uuid, nqn, size, targets: legs.map(({ target }) => target) }];
    }),
  );
}
