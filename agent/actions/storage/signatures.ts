import * as z from "zod";
import { FlashfleetError } from "../../../shared/errors.ts";
import { type ResolvedDevice, resolveDevice } from "../../observe/device.ts";
import { ifReadable } from "../../observe/tolerant.ts";
import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { complaint, fromPackage } from "./tool.ts";

/** What lies on a device, as libblkid knows it: a file system, swap, a part of LVM or RAID, a partition table. */
export interface Signature {
  /** ext4, swap, LVM2_member, linux_raid_member, crypto_LUKS, gpt, dos, … */
  type: string;
  uuid?: string;
  label?: string;
}

const Listed = z.object({
  signatures: z.array(
    z.object({ type: z.string(), uuid: z.string().nullable().optional(), label: z.string().nullable().optional() }),
  ),
});

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
  const ran = await fromPackage("util-linux", look(["wipefs", "--no-act", "--json", path], context));
  const listed = ran.code === 0 ? parseListed(ran.stdout) : undefined;
  if (listed !== undefined) return listed;
  throw new FlashfleetError(
    "device_in_use",
    `cannot tell what is on ${path}: ${complaint(ran)}; what cannot be read counts as in use`,
    { hint: "does it answer? dmesg and flashfleet health say more" },
  );
}

/** Undefined for what is not wipefs's JSON. Without any signature some versions print nothing at all. */
export function parseListed(text: string): Signature[] | undefined {
  if (text.trim() === "") return [];
  const parsed = Listed.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const byType = new Map<string, Signature>();
  for (const { type, uuid, label } of parsed.data.signatures) {
    const known = byType.get(type) ?? { type };
    byType.set(type, {
      ...known,
      ...(uuid ? { uuid: known.uuid ?? uuid } : {}),
      ...(label ? { label: known.label ?? label } : {}),
    });
  }
  return [...byType.values()];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As people read them: ext4 (uuid …) and LVM2_member. */
export function describeSignatures(signatures: readonly Signature[]): string {
  return signatures.map(({ type, uuid }) => (uuid === undefined ? type : `${type} (uuid ${uuid})`)).join(" and ");
}
