import type { ErrorData } from "../../../shared/errors.ts";
import type { Drive, Seen } from "../../observe/observed.ts";
import type { Pin } from "../kind.ts";

/** The device to export, resolved by what it is and not by what it is called today. */
export type Backing =
  /** `size`: bytes now, where they can be seen. */
  | { is: "found"; path: string; drive?: Drive; size?: number }
  | { is: "missing"; says: string; error: ErrorData }
  | { is: "changed"; error: ErrorData }
  /** The same one, smaller than what initiators were told. */
  | { is: "shrunk"; error: ErrorData };

/**
 * `device` is what the spec names; `pin` what it was when it was exported first. After a reboot /dev/nvme0n1 may be
 * another drive: the pinned one is taken, under whatever name it has now, or none. The same one may have grown since.
 */
export function resolveBacking(
  device: string,
  pin: Pin | undefined,
  { drives, sizes }: Seen<"drives" | "sizes">,
): Backing {
  const found = findBacking(device, pin, drives);
  if (found.is !== "found") return found;
  const size = found.drive?.size ?? sizes.get(found.path);
  if (size === undefined) return found;
  const before = pin?.device === device ? pin.size : undefined;
  if (before !== undefined && size < before) return { is: "shrunk", error: shrunk(device, size, before) };
  return { ...found, size };
}

function findBacking(device: string, pin: Pin | undefined, drives: readonly Drive[]): Backing {
  const named = drives.find(({ path, byId }) => path === device || byId.includes(device));
  const pinned = pin?.device === device && pin.wwid !== undefined ? pin : undefined;
  if (pinned !== undefined && (named === undefined || !isPinned(named, pinned))) {
    const moved = drives.find((drive) => isPinned(drive, pinned));
    if (moved !== undefined) return { is: "found", path: moved.path, drive: moved };
    if (named !== undefined) return { is: "changed", error: changed(device, named, pinned) };
  }
  if (named !== undefined) return { is: "found", path: named.path === device ? device : named.path, drive: named };
  // Partitions, LVs and files are no whole drives: that they are there is checked when the step runs.
  const looksLikeDrive =
    /^\/dev\/(nvme\d+n\d+|sd[a-z]+|vd[a-z]+|disk\/by-id\/.*)$/.test(device) && !/-part\d+$/.test(device);
  if (!looksLikeDrive) return { is: "found", path: device };
  return {
    is: "missing",
    says: `device ${device}`,
    error: {
      code: "device_absent",
      message: `cannot export ${device}: this node has no such drive`,
      hint: `drives here: ${drives.map(({ path, serial }) => `${path} (serial ${serial})`).join(", ") || "none"}`,
    },
  };
}

/** A drive is known by its wwid and serial, and may grow or shrink; one without either by its size. */
function isPinned(drive: Drive, pin: Pin): boolean {
  if (drive.wwid !== pin.wwid || drive.serial !== pin.serial) return false;
  return drive.wwid !== "" || drive.serial !== "" || drive.size === pin.size;
}

function shrunk(device: string, size: number, before: number): ErrorData {
  return {
    code: "device_changed",
    message: `cannot export ${device}: it has ${size} bytes, and had ${before} when it was exported`,
    hint: "initiators would read and write beyond its end: make it as large as it was; to export it on purpose as it is, remove the namespace (state: absent) and declare it again",
  };
}

function changed(device: string, drive: Drive, pin: Pin): ErrorData {
  const describe = (each: { serial?: string | undefined; wwid?: string | undefined; size?: number | undefined }) =>
    `serial ${each.serial}, wwid ${each.wwid}, ${each.size} bytes`;
  return {
    code: "device_changed",
    message: `cannot export ${device}: it is another drive now (${describe(drive)}) than the one exported before (${describe(pin)})`,
    hint: "the earlier drive is missing; to export the new one on purpose, remove the namespace (state: absent) and declare it again",
  };
}
