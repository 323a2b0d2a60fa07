import { createMemoryFabric } from "../../../agent/system/model/fabric/memory-fabric.ts";
import { createModelNode } from "../../../agent/system/model/model-system.ts";
import { countingRandom, ManualClock } from "../../unit/agent/system/model/lab.ts";
import type { World } from "../world.ts";

const mebibyte = 2 ** 20;

/** A model node like a machine of the lab: three drives, the last one read-only, and no address but its own. */
export function walkingWorld(kernel: string): World & { clock: ManualClock } {
  const clock = new ManualClock();
  const drive = (serial: string, readOnly = false) => ({ serial, model: "Model", size: 64 * mebibyte, readOnly });
  const system = createModelNode({
    hostname: "node",
    kernel,
    drives: [drive("A"), drive("B"), drive("C", true)],
    addresses: [],
    fabric: createMemoryFabric(),
    clock,
    random: countingRandom(),
  });
  return { clock, system, pass: (millis) => clock.advance(millis), deadline: () => Number.MAX_SAFE_INTEGER };
}
