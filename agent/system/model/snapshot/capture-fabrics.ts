import type { FabricsSubsystem } from "../../../observe/observed.ts";
import { readAttributes } from "../../../observe/tolerant.ts";
import type { Collector } from "./collector.ts";

/** A directory of sysfs: every name in it, and the text of the files that only say something. */
export interface CapturedFiles {
  names: readonly string[];
  texts: Readonly<Record<string, string>>;
}

/** What sysfs says of things on fabrics beyond what an observation holds, each by its name: nvme1, nvme-subsys1, nvme1n1, nvme1c1n1. */
export interface CapturedFabrics {
  files: Readonly<Record<string, CapturedFiles>>;
  /** What lies on a disk: dm-0. */
  holders: Readonly<Record<string, readonly string[]>>;
  /** The line of options that /dev/nvme-fabrics shows; undefined where it shows none. */
  options: string | undefined;
}

/** Read-only attributes. Those that can be written, or follow from a state, are the model's; so is the address, which must not be read. */
const controllerTexts = [
  "cntlid",
  "cntrltype",
  "dctype",
  "firmware_rev",
  "hostid",
  "hostnqn",
  "kato",
  "model",
  "numa_node",
  "queue_count",
  "serial",
  "sqsize",
  "subsysnqn",
  "transport",
] as const;
const subsystemTexts = ["firmware_rev", "model", "serial", "subsysnqn", "subsystype"] as const;
const diskTexts = ["dev", "nguid", "nsid", "ro", "uuid", "wwid"] as const;

export async function captureFabrics(
  collector: Collector,
  subsystems: readonly FabricsSubsystem[],
): Promise<CapturedFabrics> {
  const files: Record<string, CapturedFiles> = {};
  const holders: Record<string, readonly string[]> = {};
  const read = async (name: string, directory: string, texts: readonly string[]) => {
    const names = await collector.list(directory);
    files[name] = { names, texts: await readAttributes(collector.system, directory, texts) };
    return names;
  };
  const disk = async (name: string, directory: string) => {
    await read(name, directory, diskTexts);
    holders[name] = await collector.list(`${directory}/holders`);
  };
  await Promise.all(
    subsystems.map(async ({ name, controllers, namespaces }) => {
      const home = `/sys/class/nvme-subsystem/${name}`;
      if (name !== "") await read(name, home, subsystemTexts);
      for (const { name: controller } of controllers) {
        const directory = `/sys/class/nvme/${controller}`;
        const names = await read(controller, directory, controllerTexts);
        const paths = names.filter((child) => /^nvme\d+c\d+n\d+$/.test(child));
        await Promise.all(paths.map((child) => read(child, `${directory}/${child}`, diskTexts)));
      }
      await Promise.all(namespaces.map(({ name: head }) => disk(head, `/sys/class/block/${head}`)));
    }),
  );
  const options = await collector.attempt(collector.system.read("/dev/nvme-fabrics"));
  return { files, holders, options: typeof options === "string" ? options : undefined };
}
