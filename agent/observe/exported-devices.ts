import { hasErrno, type System } from "../system/system.ts";
import { parseKernelInteger } from "./kernel-integer.ts";
import { devicePath, nvmetRoot } from "./nvmet.ts";
import { eachThere, ifThere, listIfThere, readAttribute } from "./tolerant.ts";

/** A device that configfs names. */
export interface ExportedDevice {
  /** As it was written. */
  written: string;
  /** With every link resolved; undefined where nothing is there now. */
  real: string | undefined;
  /** The errno where that could not be told. */
  unresolved?: string;
  nqn: string;
  enabled: boolean;
  /** undefined for a controller that is passed through whole. */
  nsid: number | undefined;
}

/** What nvmet's namespaces and passed-through controllers name, enabled or not. */
export async function readExportedDevices(system: System): Promise<ExportedDevice[]> {
  const root = `${nvmetRoot}/subsystems`;
  const named = await eachThere(await listIfThere(system, root), (nqn) => readNamed(system, `${root}/${nqn}`, nqn));
  return Promise.all(named.flat().map(async (each) => ({ ...each, ...(await resolved(system, each.written)) })));
}

async function readNamed(system: System, directory: string, nqn: string) {
  const namespaces = `${directory}/namespaces`;
  const [names, passthru] = await Promise.all([
    listIfThere(system, namespaces),
    readAttribute(system, `${directory}/passthru/device_path`),
  ]);
  const each = await eachThere(names, async (name) => {
    const [device, enabled] = await Promise.all([
      ifThere(system.read(`${namespaces}/${name}/device_path`)),
      isEnabled(system, `${namespaces}/${name}`),
    ]);
    const written = device === undefined ? "" : devicePath(device);
    return written === "" ? undefined : { written, nqn, nsid: parseKernelInteger(name), enabled };
  });
  if (passthru === undefined || passthru === "" || passthru === "(null)") return each;
  const enabled = await isEnabled(system, `${directory}/passthru`);
  return [...each, { written: passthru, nqn, nsid: undefined, enabled }];
}

async function isEnabled(system: System, directory: string): Promise<boolean> {
  return (await readAttribute(system, `${directory}/enable`)) === "1";
}

async function resolved(system: System, path: string): Promise<{ real: string | undefined; unresolved?: string }> {
  try {
    return { real: await ifThere(system.realpath(path)) };
  } catch (error) {
    if (hasErrno(error, "EACCES", "EPERM", "ELOOP", "ETIMEDOUT", "EIO"))
      return { real: undefined, unresolved: error.errno };
    throw error;
  }
}
