import { FlashfleetError } from "../../shared/errors.ts";
import { insistOnGuard, isNamed } from "../engine/guards.ts";
import type { ResolvedDevice } from "../observe/device.ts";
import { nothing } from "../observe/focus.ts";
import { observe } from "../observe/observe.ts";
import type { Drive } from "../observe/observed.ts";
import { remoteVolume } from "../observe/remote.ts";
import type { ActionContext } from "./action.ts";
import { deviceAt } from "./storage/device-at.ts";

/** A whole local drive that can be written to, as the facts list it. Throws for everything else. */
export async function driveAt(
  dev: string,
  context: ActionContext,
): Promise<{ drive: Drive; device: Extract<ResolvedDevice, { kind: "block" }> }> {
  const { system } = context;
  const [device, { drives }] = await Promise.all([deviceAt(dev, context), observe(system, ["drives"], nothing)]);
  if (device === undefined) {
    throw new FlashfleetError("device_absent", `cannot wipe ${dev}: it is not there`, {
      hint: "flashfleet facts lists drives with their names by id",
    });
  }
  const drive = drives.find(({ path }) => path === device.path);
  if (drive === undefined || device.kind === "file") {
    throw new FlashfleetError("bad_argument", `cannot wipe ${dev}: ${await whatElse(device, context)}`, {
      hint: "only whole drives of this machine are wiped, as flashfleet facts lists them; filesystem with state: absent wipes other devices",
    });
  }
  if (drive.readOnly) {
    throw new FlashfleetError("plan_refused", `cannot wipe ${dev}: it is read-only`, {
      hint: "blockdev --setrw, where it is not the drive itself that is worn out or protected",
    });
  }
  return { drive, device };
}

async function whatElse(device: ResolvedDevice, { system }: ActionContext): Promise<string> {
  if (device.kind === "file") return "it is a file";
  const volume = await remoteVolume(system, device.name);
  if (volume !== undefined) {
    return volume.nqn === undefined
      ? "it is reached over a network"
      : `it is a volume of ${volume.nqn}, not a drive of this node`;
  }
  return device.disk === device.name ? "it is no drive" : `it is a partition of /dev/${device.disk}`;
}

/** Throws `device_in_use` where anything uses the drive; gives whether `overrides` names it, which is consent to all of that. */
export async function insistOnUnused(
  dev: string,
  device: ResolvedDevice,
  overrides: ReadonlySet<string>,
  { system, clock }: ActionContext,
): Promise<boolean> {
  const { wwid, serial, size } = device;
  try {
    await insistOnGuard({ guard: "free", device: dev, identity: { wwid, serial, size } }, system, clock, overrides);
  } catch (error) {
    if (!(error instanceof FlashfleetError)) throw error;
    throw new FlashfleetError(error.code, `cannot wipe ${dev}: ${error.message}`, { hint: error.hint, cause: error });
  }
  return isNamed(dev, overrides, system);
}
