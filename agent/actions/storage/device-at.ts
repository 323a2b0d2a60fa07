import { FlashfleetError } from "../../../shared/errors.ts";
import { type ResolvedDevice, resolveDevice } from "../../observe/device.ts";
import { hasErrno } from "../../system/system.ts";
import type { ActionContext } from "../action.ts";

/** What a task names; undefined where nothing is there. Throws `bad_argument` for what is neither a block device nor a file. */
export async function deviceAt(dev: string, { system }: ActionContext): Promise<ResolvedDevice | undefined> {
  try {
    return await resolveDevice(system, dev);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    if (!hasErrno(error, "ENOTBLK", "ENXIO")) throw error;
    throw new FlashfleetError("bad_argument", `cannot use ${dev}: it is no block device and no file`, {
      hint: "name a device, best by /dev/disk/by-id",
      cause: error,
    });
  }
}
