import type { Clock } from "../../../../shared/clock.ts";
import { parseModuleFiles } from "../../../observe/modules.ts";
import { Errno } from "../errno.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { Hardware } from "../hardware.ts";
import type { Machine } from "../machine.ts";
import { ModelSystem } from "../model-system.ts";
import type { RandomBytes } from "../random.ts";
import { kernelLike } from "../versions.ts";
import type { CapturedEntries } from "./collector.ts";
import { findingsOf } from "./findings.ts";
import { restoreFabrics } from "./restore-fabrics.ts";
import { FoundTree, restoreDisks } from "./restore-files.ts";
import { hasSessions, restoreNetwork } from "./restore-network.ts";
import { restoreNvmet } from "./restore-nvmet.ts";
import { parseDependencies, type Snapshot } from "./snapshot.ts";

interface ShadowOptions {
  clock: Clock;
  random: RandomBytes;
  /** What it is connected to. */
  fabric: Fabric;
}

/** A model of a node as it was found. */
export interface Shadow {
  system: ModelSystem;
  machine: Machine;
  /** Takes in what somebody is going to name and was not captured before. */
  learn(entries: CapturedEntries): void;
}

/** Makes a model node from a snapshot: of that node's kernel, with everything as it was, where tasks can be tried. */
export async function shadowOf(snapshot: Snapshot, { clock, random, fabric }: ShadowOptions): Promise<Shadow> {
  const { hostname, seen, moduleFiles } = snapshot;
  const dependencies = parseDependencies(moduleFiles.dep ?? "");
  // What could not be seen of the node cannot be seen of its shadow either.
  const programsMissing = snapshot.nvmet.rdmaSessions === undefined ? ["rdma"] : [];
  const options = { hostname, drives: [], addresses: seen.addresses, fabric, clock, random, programsMissing };
  let machine: Machine | undefined;
  const system = new ModelSystem(new Hardware(options), {
    found: {
      kernel: kernelLike(seen.kernel.release, findingsOf(snapshot, dependencies)),
      modules: {
        loadable: dependencies,
        builtin: new Set(parseModuleFiles(moduleFiles.builtin ?? "")),
        present: seen.parameters,
      },
      begin: (begun) => {
        machine = begun;
      },
    },
  });
  if (machine === undefined) throw new Errno("EIO", "the machine did not begin");
  const tree = new FoundTree(machine, snapshot);
  restoreDisks(machine, snapshot);
  if (seen.kernel.configfsMounted && machine.modules.isLoaded("configfs")) machine.mountConfigfs();
  restoreNvmet(machine, snapshot, (port) => hasSessions(snapshot, port));
  restoreFabrics(machine, snapshot);
  await restoreNetwork(machine, snapshot);
  return { system, machine, learn: (entries) => tree.add(entries) };
}
