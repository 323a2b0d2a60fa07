import { Secret } from "../../shared/secret.ts";
import type { System } from "../system/system.ts";
import { parseKernelInteger } from "./kernel-integer.ts";
import { observeLinks } from "./nvmet-links.ts";
import { observePorts } from "./nvmet-ports.ts";
import type { Attributes, ObservedNamespace, ObservedNvmet, ObservedNvmetHost, ObservedSubsystem } from "./observed.ts";
import { eachThere, ifThere, listIfThere, readAttribute, readAttributes } from "./tolerant.ts";

export const nvmetRoot = "/sys/kernel/config/nvmet";

/** Files with a host's keys: readable by everybody in configfs, and by nobody outside of a Secret. */
const keyFiles: ReadonlySet<string> = new Set(["dhchap_key", "dhchap_ctrl_key"]);

/** The target's side. What goes while it is read is left out. */
export async function observeNvmet(system: System): Promise<ObservedNvmet> {
  if ((await ifThere(system.list(nvmetRoot))) === undefined)
    return { present: false, hosts: [], subsystems: [], ports: [] };
  const [hosts, subsystems, ports] = await Promise.all([
    observeHosts(system),
    observeSubsystems(system),
    observePorts(system, `${nvmetRoot}/ports`),
  ]);
  return { present: true, hosts, subsystems, ports };
}

async function observeHosts(system: System): Promise<ObservedNvmetHost[]> {
  const root = `${nvmetRoot}/hosts`;
  return eachThere(await listIfThere(system, root), async (nqn) => {
    const files = await ifThere(system.list(`${root}/${nqn}`));
    if (files === undefined) return undefined;
    const [attributes, keys] = await Promise.all([
      readAttributes(
        system,
        `${root}/${nqn}`,
        files.filter((name) => !keyFiles.has(name)),
      ),
      readKeys(
        system,
        `${root}/${nqn}`,
        files.filter((name) => keyFiles.has(name)),
      ),
    ]);
    return { nqn, attributes, keys };
  });
}

async function readKeys(
  system: System,
  directory: string,
  names: readonly string[],
): Promise<Readonly<Record<string, Secret | undefined>>> {
  const keys = await eachThere(names, async (name): Promise<[string, Secret | undefined] | undefined> => {
    const key = await readAttribute(system, `${directory}/${name}`);
    return key === undefined ? undefined : [name, key === "" ? undefined : new Secret(key)];
  });
  return Object.fromEntries(keys);
}

async function observeSubsystems(system: System): Promise<ObservedSubsystem[]> {
  const root = `${nvmetRoot}/subsystems`;
  return eachThere(await listIfThere(system, root), async (nqn) => {
    const directory = `${root}/${nqn}`;
    const files = await ifThere(system.list(directory));
    if (files === undefined) return undefined;
    const [attributes, allowedHosts, namespaces] = await Promise.all([
      readAttributes(
        system,
        directory,
        files.filter((name) => name.startsWith("attr_")),
      ),
      observeLinks(system, `${directory}/allowed_hosts`),
      observeNamespaces(system, `${directory}/namespaces`),
    ]);
    return { nqn, attributes, allowedHosts, namespaces };
  });
}

async function observeNamespaces(system: System, root: string): Promise<ObservedNamespace[]> {
  const namespaces = await eachThere(await listIfThere(system, root), async (directory) => {
    const files = await ifThere(system.list(`${root}/${directory}`));
    if (files === undefined) return undefined;
    const [others, device] = await Promise.all([
      readAttributes(
        system,
        `${root}/${directory}`,
        files.filter((name) => name !== "device_path"),
      ),
      ifThere(system.read(`${root}/${directory}/device_path`)),
    ]);
    if (device === undefined) return undefined;
    const attributes: Attributes = { ...others, device_path: devicePath(device) };
    return { nsid: parseKernelInteger(directory), directory, attributes };
  });
  return namespaces.toSorted((a, b) => a.nsid - b.nsid);
}

/** Without its newline only: the kernel keeps a space at the end and looks for a file of that name. */
function devicePath(text: string): string {
  const path = text.endsWith("\n") ? text.slice(0, -1) : text;
  return path === "(null)" ? "" : path;
}
