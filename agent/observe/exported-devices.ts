import { hasErrno, type System } from "../system/system.ts";
import { nvmetRoot, observeNvmet } from "./nvmet.ts";
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
  const [{ subsystems }, passthroughs] = await Promise.all([observeNvmet(system), readPassthroughs(system)]);
  const namespaces = subsystems.flatMap(({ nqn, namespaces: each }) =>
    each.map(({ nsid, attributes }) => ({
      written: attributes.device_path ?? "",
      nqn,
      nsid,
      enabled: attributes.enable === "1",
    })),
  );
  const named = [...namespaces, ...passthroughs].filter(({ written }) => written !== "");
  return Promise.all(named.map(async (each) => ({ ...each, ...(await resolved(system, each.written)) })));
}

async function readPassthroughs(system: System) {
  const root = `${nvmetRoot}/subsystems`;
  return eachThere(await listIfThere(system, root), async (nqn) => {
    const [path, enable] = await Promise.all(
      ["device_path", "enable"].map((file) => readAttribute(system, `${root}/${nqn}/passthru/${file}`)),
    );
    if (path === undefined || path === "(null)") return undefined;
    return { written: path, nqn, nsid: undefined, enabled: enable === "1" };
  });
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
