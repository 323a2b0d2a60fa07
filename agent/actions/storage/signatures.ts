import { FlashfleetError } from "../../../shared/errors.ts";
import { type ResolvedDevice, resolveDevice } from "../../observe/device.ts";
import { listSignatures, parseListed, type Signature } from "../../observe/signatures.ts";
import { ifReadable } from "../../observe/tolerant.ts";
import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { complaint, fromPackage } from "./tool.ts";

/**
 * All signatures of a device, each type once, read anew. In a check: what the node has, and what earlier tasks of the check made
 * of it; undefined for a device that is only there in the check. Throws `device_in_use` where it cannot be read.
 */
export async function readSignatures(device: ResolvedDevice, context: ActionContext): Promise<Signature[] | undefined> {
  const { checking } = context;
  if (checking === undefined) return probe(device.path, context);
  const foreseen = checking.foreseen.signatures.get(device.path);
  if (foreseen !== undefined) return [...foreseen];
  const real = await ifReadable(resolveDevice(checking.node, device.path));
  const isSame = real !== undefined && real.wwid === device.wwid && real.size === device.size;
  return isSame ? probe(device.path, context) : undefined;
}

async function probe(path: string, context: ActionContext): Promise<Signature[]> {
  const ran = await fromPackage("util-linux", look(listSignatures(path), context));
  const listed = ran.code === 0 ? parseListed(ran.stdout) : undefined;
  if (listed !== undefined) return listed;
  throw new FlashfleetError(
    "device_in_use",
    `cannot tell what is on ${path}: ${complaint(ran)}; what cannot be read counts as in use`,
    { hint: "does it answer? dmesg and flashfleet health say more" },
  );
}

/** As people read them: ext4 (uuid …) and LVM2_member. */
export function describeSignatures(signatures: readonly Signature[]): string {
  return signatures.map(({ type, uuid }) => (uuid === undefined ? type : `${type} (uuid ${uuid})`)).join(" and ");
}
