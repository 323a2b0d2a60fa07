import * as z from "zod";
import { parseSize } from "../../shared/size.ts";
import { wildcardTest } from "../inventory/wildcards.ts";

/** The variable of a node or group that says which of its drives volumes may be made of. */
export const poolVariable = "flashfleet_pool";

/** Bytes, from text such as `1TB` or a number. */
export const Size = z.union([z.number(), z.string()]).transform((value, context) => {
  const bytes = typeof value === "number" ? value : parseSize(value);
  if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  context.addIssue({ code: "custom", message: `'${value}' is no size: 1TB, 800GB, 1TiB, or a number of bytes` });
  return z.NEVER;
});

const Entry = z.union([
  z.string().min(1),
  z.strictObject({ drives: z.string().min(1).default("*"), min_size: Size.optional(), max_size: Size.optional() }),
]);

/** `all`, or patterns of names below /dev/disk/by-id, each with bounds of size if wanted. */
export const Pool = z.union([z.literal("all"), z.array(Entry)]);
export type Pool = z.output<typeof Pool>;

interface Named {
  names: readonly string[];
  size: number;
}

/** Whether a drive is in the pool: a test that is made once for all drives of a node. */
export function poolTest(pool: Pool): (drive: Named) => boolean {
  if (pool === "all") return () => true;
  const tests = pool.map((entry) => {
    if (typeof entry === "string") return { matches: wildcardTest(entry), least: 0, most: Number.POSITIVE_INFINITY };
    const { drives, min_size: least = 0, max_size: most = Number.POSITIVE_INFINITY } = entry;
    return { matches: wildcardTest(drives), least, most };
  });
  return ({ names, size }) =>
    tests.some(
      ({ matches, least, most }) =>
        size >= least && size <= most && names.some((name) => matches(name) || matches(basename(name))),
    );
}

const basename = (path: string) => path.slice(path.lastIndexOf("/") + 1);
