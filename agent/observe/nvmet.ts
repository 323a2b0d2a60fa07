import { Secret } from "../../shared/secret.ts";
import type { System } from "../system/system.ts";
import { everything, type Focus, isChosen } from "./focus.ts";
import { parseKernelInteger } from "./kernel-integer.ts";
import { filesOf, isGone } from "./nvmet-files.ts";
import { observeLinks } from "./nvmet-links.ts";
import { observePorts } from "./nvmet-ports.ts";
import type { Attributes, ObservedNamespace, ObservedNvmet, ObservedNvmetHost, ObservedSubsystem } from "./observed.ts";
import { eachThere, ifThere, listIfThere, readAttribute, readAttributes } from "./tolerant.ts";

export const nvmetRoot = "/sys/kernel/config/nvmet";

const subsystemAttributes = {
  settable: [
    "attr_allow_any_host",
    "attr_cntlid_max",
    "attr_cntlid_min",
    "attr_firmware",
    "attr_model",
    "attr_qid_max",
    "attr_serial",
  ],
  reported: ["attr_allow_any_host"],
} as const;
const namespaceAttributes = {
  settable: ["ana_grpid", "buffered_io", "device_nguid", "device_uuid", "enable"],
  reported: ["device_nguid", "device_uuid", "enable"],
} as const;

/** Files with a host's keys: readable by everybody in configfs, and by nobody outside of a Secret. */
const keyFiles: ReadonlySet<string> = new Set(["dhchap_key", "dhchap_ctrl_key"]);

/** The target's side. What goes while it is read is left out. */
export async function observeNvmet(system: System, focus: Focus = everything): Promise<ObservedNvmet> {
  if ((await ifThere(system.list(nvmetRoot))) === undefined)
    return { present: false, names: { hosts: [], subsystems: [] }, hosts: [], subsystems: [], ports: [] };
  const names = (group: string) => listIfThere(system, `${nvmetRoot}/${group}`);
  const [hostNames, subsystemNames, ports] = await Promise.all([
    names("hosts"),
    names("subsystems"),
    observePorts(system, `${nvmetRoot}/ports`, focus),
  ]);
  const [hosts, subsystems] = await Promise.all([
    observeHosts(
      system,
      hostNames.filter((nqn) => isChosen(focus.hosts, nqn)),
    ),
    observeSubsystems(
      system,
      subsystemNames.filter((nqn) => isChosen(focus.subsystems, nqn)),
      focus,
    ),
  ]);
  return { present: true, names: { hosts: hostNames, subsystems: subsystemNames }, hosts, subsystems, ports };
}

async function observeHosts(system: System, names: readonly string[]): Promise<ObservedNvmetHost[]> {
  const root = `${nvmetRoot}/hosts`;
  return eachThere(names, async (nqn) => {
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

async function observeSubsystems(system: System, names: readonly string[], focus: Focus): Promise<ObservedSubsystem[]> {
  return eachThere(names, async (nqn) => {
    const directory = `${nvmetRoot}/subsystems/${nqn}`;
    const files = await filesOf(system, directory, focus, subsystemAttributes);
    if (files === undefined) return undefined;
    const [attributes, allowedHosts, namespaces] = await Promise.all([
      readAttributes(
        system,
        directory,
        files.filter((name) => name.startsWith("attr_")),
      ),
      observeLinks(system, `${directory}/allowed_hosts`),
      observeNamespaces(system, `${directory}/namespaces`, focus),
    ]);
    if (isGone(attributes, focus)) return undefined;
    return { nqn, attributes, allowedHosts, namespaces };
  });
}

async function observeNamespaces(system: System, root: string, focus: Focus): Promise<ObservedNamespace[]> {
  const namespaces = await eachThere(await listIfThere(system, root), async (directory) => {
    const files = await filesOf(system, `${root}/${directory}`, focus, namespaceAttributes);
    if (files === undefined) return undefined;
    const [others, device, revalidates] = await Promise.all([
      readAttributes(
        system,
        `${root}/${directory}`,
        files.filter((name) => name !== "device_path"),
      ),
      ifThere(system.read(`${root}/${directory}/device_path`)),
      // It is written only: that it is there is all that can be read.
      focus.attributes === "reported" ? undefined : ifThere(system.stat(`${root}/${directory}/revalidate_size`)),
    ]);
    if (device === undefined) return undefined;
    const attributes: Attributes = { ...others, device_path: devicePath(device) };
    const namespace = { nsid: parseKernelInteger(directory), directory, attributes };
    return focus.attributes === "reported" ? namespace : { ...namespace, revalidates: revalidates !== undefined };
  });
  return namespaces.toSorted((a, b) => a.nsid - b.nsid);
}

/** Without its newline only: the kernel keeps a space at the end and looks for a file of that name. */
export function devicePath(text: string): string {
  const path = text.endsWith("\n") ? text.slice(0, -1) : text;
  return path === "(null)" ? "" : path;
}
