import type { System } from "../system/system.ts";
import type { FabricsNamespace } from "./observed.ts";
import { eachThere, listIfThere, readAttributes } from "./tolerant.ts";

type Path = FabricsNamespace["paths"][number];

/** sysfs counts in sectors of 512 bytes, whatever the block size. */
const sector = 512;
/** Not `nuse`: reading it sends an Identify, which hangs with the controller. */
const attributeNames = ["nsid", "uuid", "nguid", "wwid", "size", "ro"] as const;
const pathAttributeNames = ["ana_state", "ana_grpid"] as const;

/**
 * The block devices of a subsystem. With multipath they lie under the subsystem, as nvme0n1, and each controller has a hidden
 * nvme0c1n1 for its path; without, or for a namespace that is not shared, each controller has a disk of its own.
 */
export async function observeNamespaces(
  system: System,
  subsystem: { directory: string; children: readonly string[] },
  controllerClass: string,
  controllers: readonly string[],
): Promise<FabricsNamespace[]> {
  const children = await Promise.all(
    controllers.map(async (name) => ({ name, children: await listIfThere(system, `${controllerClass}/${name}`) })),
  );
  const paths = children.flatMap(({ name, children: names }) =>
    names.flatMap((child) => {
      const head = headOf(child);
      return head === undefined ? [] : [{ head, controller: name, directory: `${controllerClass}/${name}/${child}` }];
    }),
  );
  const shared = subsystem.children
    .filter(isDisk)
    .map((name) => ({ name, directory: `${subsystem.directory}/${name}` }));
  const own = children.flatMap(({ name, children: names }) =>
    names
      .filter(isDisk)
      .map((disk) => ({ name: disk, directory: `${controllerClass}/${name}/${disk}`, controller: name })),
  );
  const namespaces = await Promise.all([
    eachThere(shared, ({ name, directory }) =>
      observeNamespace(
        system,
        name,
        directory,
        paths.filter(({ head }) => head === name),
      ),
    ),
    eachThere(own, ({ name, directory, controller }) =>
      observeNamespace(system, name, directory, [{ controller, directory }]),
    ),
  ]);
  return namespaces.flat().toSorted((a, b) => a.nsid - b.nsid || (a.name < b.name ? -1 : 1));
}

const isDisk = (name: string) => /^nvme\d+n\d+$/.test(name);

/** nvme0c1n2 is a path of nvme0n2. */
function headOf(child: string): string | undefined {
  const match = /^(nvme\d+)c\d+(n\d+)$/.exec(child);
  return match === null ? undefined : `${match[1]}${match[2]}`;
}

async function observeNamespace(
  system: System,
  name: string,
  directory: string,
  paths: readonly { controller: string; directory: string }[],
): Promise<FabricsNamespace | undefined> {
  const [{ nsid, uuid, nguid, wwid, size, ro }, observedPaths] = await Promise.all([
    readAttributes(system, directory, attributeNames),
    Promise.all(paths.map((path) => observePath(system, path.controller, path.directory))),
  ]);
  if (nsid === undefined || size === undefined) return undefined;
  return {
    name,
    path: `/dev/${name}`,
    nsid: Number(nsid),
    uuid: uuid ?? "",
    nguid: nguid ?? "",
    wwid: wwid ?? "",
    size: Number(size) * sector,
    readOnly: ro === "1",
    paths: observedPaths,
  };
}

async function observePath(system: System, controller: string, directory: string): Promise<Path> {
  const { ana_state, ana_grpid } = await readAttributes(system, directory, pathAttributeNames);
  return { controller, anaState: ana_state ?? "", anaGroup: ana_grpid ?? "" };
}
