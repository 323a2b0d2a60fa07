import { randomBytes } from "node:crypto";
import type { Clock } from "../shared/clock.ts";
import type { ModelMachine } from "./config.ts";
import { createSocketFabric } from "./system/model/fabric/socket-fabric.ts";
import { createModelNode, type ModelSystem } from "./system/model/model-system.ts";

/** A modelled machine that meets those of other processes through a directory. */
export function createModelSystem(hostname: string, machine: ModelMachine, fabric: string, clock: Clock): ModelSystem {
  return createModelNode({
    hostname,
    ...machine,
    fabric: createSocketFabric(fabric),
    clock,
    random: (length) => randomBytes(length),
  });
}
