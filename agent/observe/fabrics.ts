import type { System } from "../system/system.ts";
import { observeController, transportOf } from "./fabrics-controllers.ts";
import { observeNamespaces } from "./fabrics-namespaces.ts";
import type { FabricsController, FabricsSubsystem, ObservedFabrics } from "./observed.ts";
import { eachThere, ifReadable, ifThere, listIfThere, readAttribute } from "./tolerant.ts";

const device = "/dev/nvme-fabrics";
const subsystemClass = "/sys/class/nvme-subsystem";
const controllerClass = "/sys/class/nvme";

/** The initiator's side. Controllers come and go by themselves: what goes while it is read is left out. */
export async function observeFabrics(system: System): Promise<ObservedFabrics> {
  const [node, options, names, controllerNames] = await Promise.all([
    ifThere(system.stat(device)),
    ifReadable(system.read(device)),
    listIfThere(system, subsystemClass),
    listIfThere(system, controllerClass),
  ]);
  const subsystems = await eachThere(names, (name) => observeSubsystem(system, name));
  const placed = new Set(subsystems.flatMap(({ members }) => members));
  const loose = controllerNames.filter((name) => isController(name) && !placed.has(name));
  const early = await eachThere(loose, (name) => observeEarly(system, name));
  return {
    present: node !== undefined,
    options: parseFabricsOptions(options ?? ""),
    subsystems: [...subsystems.flatMap(({ subsystem }) => (subsystem === undefined ? [] : [subsystem])), ...early],
  };
}

/** What /dev/nvme-fabrics answers before a connect (≥5.19): `instance=-1,cntlid=-1,transport=%s,…,tls`. */
export function parseFabricsOptions(line: string): Set<string> {
  const names = line
    .trim()
    .split(",")
    .flatMap((option) => option.split("=", 1));
  return new Set(names.filter((name) => name !== "" && name !== "instance" && name !== "cntlid"));
}

const isController = (name: string) => /^nvme\d+$/.test(name);

/** The members of a subsystem, and the subsystem itself unless it is local. */
async function observeSubsystem(
  system: System,
  name: string,
): Promise<{ members: string[]; subsystem: FabricsSubsystem | undefined } | undefined> {
  const directory = `${subsystemClass}/${name}`;
  const children = await ifThere(system.list(directory));
  if (children === undefined) return undefined;
  const members = children.filter(isController);
  const remote = await eachThere(members, async (member) => {
    const transport = await transportOf(system, `${controllerClass}/${member}`);
    return transport === undefined || transport === "pcie" ? undefined : member;
  });
  if (remote.length === 0 && members.length > 0) return { members, subsystem: undefined };
  const [nqn, iopolicy, controllers, namespaces] = await Promise.all([
    readAttribute(system, `${directory}/subsysnqn`),
    readAttribute(system, `${directory}/iopolicy`),
    eachThere(remote, (member) => observeController(system, `${controllerClass}/${member}`, member)),
    observeNamespaces(system, directory, controllerClass, remote),
  ]);
  if (nqn === undefined || (controllers.length === 0 && namespaces.length === 0))
    return { members, subsystem: undefined };
  return { members, subsystem: { name, nqn, iopolicy, controllers: controllers.toSorted(byName), namespaces } };
}

/** A controller that has not been live yet: the subsystem it says it is for, without an entry in the class. */
async function observeEarly(system: System, name: string): Promise<FabricsSubsystem | undefined> {
  const directory = `${controllerClass}/${name}`;
  const transport = await transportOf(system, directory);
  if (transport === undefined || transport === "pcie") return undefined;
  const [nqn, controller] = await Promise.all([
    readAttribute(system, `${directory}/subsysnqn`),
    observeController(system, directory, name),
  ]);
  if (nqn === undefined || controller === undefined) return undefined;
  return { name: "", nqn, iopolicy: undefined, controllers: [controller], namespaces: [] };
}

const byName = (a: FabricsController, b: FabricsController) => Number(a.name.slice(4)) - Number(b.name.slice(4));
