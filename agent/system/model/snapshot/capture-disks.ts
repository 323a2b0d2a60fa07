import { blockClass, kernelNameOf, nodeOf } from "../../../observe/block.ts";
import type { Collector } from "./collector.ts";

/** What sysfs says of a disk or a partition, as far as anything of the agent reads it. */
const diskFiles = [
  "dev",
  "dm/name",
  "dm/uuid",
  "hidden",
  "loop/backing_file",
  "md/level",
  "md/uuid",
  "nguid",
  "nsid",
  "partition",
  "removable",
  "ro",
  "serial",
  "size",
  "uuid",
  "wwid",
] as const;
/** Of the thing behind the disk's `device` link: a SCSI device, a virtio one, an NVMe controller or subsystem. */
const deviceFiles = ["model", "serial", "vpd_pg80", "wwid"] as const;
const controllerFiles = ["address", "cntlid", "firmware_rev", "model", "serial", "state", "subsysnqn", "transport"];
const subsystemFiles = ["firmware_rev", "iopolicy", "model", "serial", "subsysnqn", "subsystype"] as const;

const controllerClass = "/sys/class/nvme";
const subsystemClass = "/sys/class/nvme-subsystem";
const byId = "/dev/disk/by-id";

/** What lies on fabrics is a part of the model; everything else is only remembered. */
export interface Modelled {
  /** nvme-subsys1 */
  subsystems: ReadonlySet<string>;
  /** nvme1 */
  controllers: ReadonlySet<string>;
}

/** Every block device that is not reached over fabrics, whatever drives it, with the NVMe controllers among them. */
export async function captureDisks(collector: Collector, modelled: Modelled): Promise<void> {
  await Promise.all([
    each(collector, blockClass, async (name, real) => {
      if (isModelled(real, modelled)) return;
      await collector.link(`${blockClass}/${name}`);
      await captureDisk(collector, name, real);
    }),
    each(collector, controllerClass, async (name, real) => {
      if (modelled.controllers.has(name)) return;
      await collector.link(`${controllerClass}/${name}`);
      await Promise.all([collector.files(real, controllerFiles), collector.link(`${real}/device`)]);
      await captureNode(collector, nodeOf(name), name);
    }),
    each(collector, subsystemClass, async (name, real) => {
      if (modelled.subsystems.has(name)) return;
      await collector.link(`${subsystemClass}/${name}`);
      const controllers = (await collector.list(real)).filter((child) => /^nvme\d+$/.test(child));
      await Promise.all([
        collector.files(real, subsystemFiles),
        ...controllers.map((child) => collector.link(`${real}/${child}`)),
      ]);
    }),
    collector.list(byId).then((names) => Promise.all(names.map((name) => collector.link(`${byId}/${name}`)))),
  ]);
}

async function each(
  collector: Collector,
  directory: string,
  read: (name: string, real: string) => Promise<void>,
): Promise<void> {
  const names = await collector.list(directory);
  await Promise.all(
    names.map(async (name) => {
      const real = await collector.realpath(`${directory}/${name}`);
      if (real !== undefined) await read(name, real);
    }),
  );
}

function isModelled(real: string, { subsystems, controllers }: Modelled): boolean {
  const [, subsystem] = /\/nvme-subsystem\/([^/]+)\//.exec(real) ?? [];
  const [, controller] = /\/nvme-fabrics\/ctl\/([^/]+)\//.exec(real) ?? [];
  return (
    (subsystem !== undefined && subsystems.has(subsystem)) || (controller !== undefined && controllers.has(controller))
  );
}

async function captureDisk(collector: Collector, name: string, real: string): Promise<void> {
  const holders = await collector.list(`${real}/holders`);
  collector.put(`${real}/holders`, { kind: "directory" });
  await Promise.all([
    collector.files(real, diskFiles),
    ...holders.map((holder) => collector.link(`${real}/holders/${holder}`)),
    collector.link(`${real}/device`),
    captureNode(collector, nodeOf(name), name),
  ]);
  const device = await collector.realpath(`${real}/device`);
  // A controller or a subsystem is captured by itself.
  if (device !== undefined && !/\/(nvme|nvme-subsys)\d+$/.test(device)) await collector.files(device, deviceFiles);
}

/** A device node; a hidden disk has none. */
async function captureNode(collector: Collector, path: string, name: string): Promise<void> {
  const stat = await collector.attempt(collector.system.stat(path));
  if (stat === undefined || "errno" in stat) return;
  if (stat.kind === "block" || stat.kind === "char") collector.put(path, { kind: stat.kind, name });
}

/** The model's own: what happens there follows from its state. */
const kernelTrees = /^\/(proc|sys)(\/|$)/;

/** What a path leads to, through all links: of a file its size, of a device its name. */
export async function capturePath(collector: Collector, path: string): Promise<void> {
  if (!path.startsWith("/") || kernelTrees.test(path) || path in collector.entries) return;
  const real = await collector.realpath(path);
  if (real === undefined) return;
  const stat = await collector.attempt(collector.system.stat(real));
  if (stat === undefined || "errno" in stat) return;
  if (real !== path) collector.put(path, { kind: "link", to: real });
  if (real in collector.entries || kernelTrees.test(real)) return;
  if (stat.kind === "file") collector.put(real, { kind: "plain", content: { size: stat.size } });
  else if (stat.kind === "directory") collector.put(real, { kind: "directory" });
  else if (stat.kind === "block") {
    const name = await kernelNameOf(collector.system, real);
    collector.put(real, { kind: "block", name: name ?? real.slice("/dev/".length) });
  } else if (stat.kind === "char") collector.put(real, { kind: "char", name: real.slice(real.lastIndexOf("/") + 1) });
}
