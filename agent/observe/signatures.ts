import * as z from "zod";

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

/** Asks what lies on a device, and changes nothing. */
export function listSignatures(path: string) {
  return ["wipefs", "--no-act", "--json", path] as const;
}

/**
 * What {@link listSignatures} printed: each type once. Undefined for what is not wipefs's JSON. Without any signature some
 * versions print nothing at all.
 */
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
