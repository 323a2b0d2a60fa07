import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gatherFacts } from "../../../../../../agent/observe/facts.ts";
import { observe } from "../../../../../../agent/observe/observe.ts";
import type { Seen } from "../../../../../../agent/observe/observed.ts";
import { deviceUse } from "../../../../../../agent/observe/use.ts";
import { createMemoryFabric } from "../../../../../../agent/system/model/fabric/memory-fabric.ts";
import { shadowOf } from "../../../../../../agent/system/model/snapshot/shadow.ts";
import { captureNode, shadowSections } from "../../../../../../agent/system/model/snapshot/snapshot.ts";
import { kernelVersions } from "../../../../../../agent/system/model/versions.ts";
import type { System } from "../../../../../../agent/system/system.ts";
import { systemClock } from "../../../../../../shared/clock.ts";
import { revealed } from "../../../../../support/essence.ts";
import { nodeWithPast, past } from "../../../../../support/random-node.ts";

const file = "/srv/volume.img";

async function shadow(system: System) {
  return shadowOf(await captureNode(system, systemClock, [file]), {
    clock: systemClock,
    random: (length) => new Uint8Array(randomBytes(length)),
    fabric: createMemoryFabric(),
  });
}

async function uses(system: System, { drives, fabrics }: Seen<"drives" | "fabrics">) {
  const heads = fabrics.subsystems.flatMap(({ namespaces }) => namespaces.map(({ path }) => path));
  const devices = [...drives.flatMap(({ path, byId }) => [path, ...byId]), ...heads, file];
  return Promise.all(devices.map(async (device) => ({ device, uses: await deviceUse(system, device) })));
}

describe("the shadow of a node", () => {
  test.each(kernelVersions)(
    "of kernel %s is observed as the node is, to its facts and to who uses what",
    async (kernel) =>
      fc.assert(
        fc.asyncProperty(past(fc.constant(kernel)), async (story) => {
          await using world = await nodeWithPast(story);
          const { system } = world.node;
          const made = await shadow(system);
          const seen = await observe(system, shadowSections);
          expect(revealed(await observe(made.system, shadowSections))).toEqual(revealed(seen));
          // As a check gathers them: what no task changes is read on the node.
          const checking = { node: system, clock: systemClock, foreseen: { signatures: new Map() } };
          expect(await gatherFacts(made.system, systemClock, checking)).toEqual(await gatherFacts(system, systemClock));
          expect(await uses(made.system, seen)).toEqual(await uses(system, seen));
        }),
        { numRuns: 12, seed: 7 },
      ),
  );
});
