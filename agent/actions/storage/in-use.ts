import { FlashfleetError } from "../../../shared/errors.ts";
import { insistOnGuard } from "../../engine/guards.ts";
import type { ResolvedDevice } from "../../observe/device.ts";
import { remoteVolume } from "../../observe/remote.ts";
import type { System } from "../../system/system.ts";
import type { ActionContext } from "../action.ts";

/**
 * Throws `device_in_use` where anything uses the device, and `device_changed` where it is not the one that was looked at.
 * Nothing overrides it: what is written over a device in use is lost to whoever uses it.
 */
export async function insistOnFree(device: ResolvedDevice, doing: string, context: ActionContext): Promise<void> {
  const { system, clock } = context;
  const { path, wwid, serial, size } = device;
  try {
    await insistOnGuard({ guard: "free", device: path, identity: { wwid, serial, size } }, system, clock, new Set());
  } catch (error) {
    if (!(error instanceof FlashfleetError)) throw error;
    const others = error.code === "device_in_use" ? await whoElse(system, device) : undefined;
    throw new FlashfleetError(error.code, `cannot ${doing}: ${error.message}`, {
      hint:
        error.code === "device_in_use"
          ? `free it first; force is no help against this${others === undefined ? "" : `. ${others}`}`
          : error.hint,
      cause: error,
    });
  }
}

/** What this node cannot see: that other hosts have the same volume. Undefined for a local device. */
export async function whoElse(system: System, device: ResolvedDevice): Promise<string | undefined> {
  if (device.kind === "file") return undefined;
  const volume = await remoteVolume(system, device.name);
  if (volume === undefined) return undefined;
  const what = volume.nqn === undefined ? "It is reached over a network" : `It is a volume of ${volume.nqn}`;
  return `${what}: other hosts that are connected may use it, too, which cannot be seen from here (flashfleet health)`;
}
