import type { System } from "../system/system.ts";
import { observeController } from "./fabrics-controllers.ts";
import { observeNamespaces } from "./fabrics-namespaces.ts";
import { everything, type Focus, isChosen } from "./focus.ts";
import type { FabricsController, FabricsSubsystem, ObservedFabrics } from "./observed.ts";
import { eachThere, ifReadable, ifThere, listIfThere, readAttribute } from "./tolerant.ts";

const device = "/dev/nvme-fabrics";
const subsystemClass = "/sys/class/nvme-subsystem";
const controllerClass = "/sys/class/nvme";
/** The parent of every controller over fabrics, of all transports, and of no other (drivers/nvme/host/fabrics.c). */
export const fabricsParent = "/sys/devices/virtual/nvme-fabrics/ctl";

/** The initiator's side. Controllers come and go by themselves: what goes while it is read is left out. */
export async function observeFabrics(system: System, focus: Focus = everything): Promise<ObservedFabrics> {
  const [options, names] = await Promise.all([ifReadable(system.read(device)), listIfThere(system, subsystemClass)]);
  const [present, directories] = await Promise.all([
    // Before 5.19 it is there and cannot be read.
    options !== undefined || ifThere(system.stat(device)).then((node) => node !== undefined),
    eachThere(names, async (name) => {
      const children = await ifThere(system.list(`${subsystemClass}/${name}`));
      return children === undefined ? undefined : { name, children };
    }),
  ]);
  // After the members: one that has come since then must not pass for a local one.
  const controllers = (await listIfThere(system, fabricsParent)).filter(isController);
  const placed = new Set(directories.flatMap(({ children }) => children.filter(isController)));
  const [subsystems, early] = await Promise.all([
    eachThere(directories, ({ name, children }) => observeSubsystem(system, name, children, controllers, focus)),
    eachThere(
      controllers.filter((name) => !placed.has(name)),
      (name) => observeEarly(system, name, focus),
    ),
  ]);
  return { present, options: parseFabricsOptions(options ?? ""), subsystems: [...subsystems, ...early] };
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

/** A subsystem with at least one controller over fabrics, or with none left; undefined for a local one. */
async function observeSubsystem(
  system: System,
  name: string,
  children: readonly string[],
  overFabrics: readonly string[],
  focus: Focus,
): Promise<FabricsSubsystem | undefined> {
  const directory = `${subsystemClass}/${name}`;
  const members = children.filter(isController);
  const remote = members.filter((member) => overFabrics.includes(member));
  if (remote.length === 0 && members.length > 0) return undefined;
  const nqn = await readAttribute(system, `${directory}/subsysnqn`);
  if (nqn === undefined || !isChosen(focus.connections, nqn)) return undefined;
  const [iopolicy, controllers, namespaces] = await Promise.all([
    readAttribute(system, `${directory}/iopolicy`),
    eachThere(remote, (member) => observeController(system, `${controllerClass}/${member}`, member, focus.attributes)),
    observeNamespaces(system, { directory, children }, controllerClass, remote),
  ]);
  const isLocal = controllers.some(({ transport }) => transport === "pcie");
  if (isLocal || (controllers.length === 0 && namespaces.length === 0)) return undefined;
  return { name, nqn, iopolicy, controllers: controllers.toSorted(byName), namespaces };
}

/** A controller that has not been live yet: the subsystem it says it is for, without an entry in the class. */
async function observeEarly(system: System, name: string, focus: Focus): Promise<FabricsSubsystem | undefined> {
  const directory = `${controllerClass}/${name}`;
  const nqn = await readAttribute(system, `${directory}/subsysnqn`);
  if (nqn === undefined || !isChosen(focus.connections, nqn)) return undefined;
  const controller = await observeController(system, directory, name, focus.attributes);
  if (controller === undefined) return undefined;
  return { name: "", nqn, iopolicy: undefined, controllers: [controller], namespaces: [] };
}

const byName = (a: FabricsController, b: FabricsController) => Number(a.name.slice(4)) - Number(b.name.slice(4));
