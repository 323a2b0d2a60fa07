import type { System } from "../system/system.ts";
import type { Detail, Focus } from "./focus.ts";
import type { Attributes } from "./observed.ts";
import { ifThere } from "./tolerant.ts";

/** The files of an item to read; undefined where it is gone, as far as that is known without reading one. */
export async function filesOf(
  system: System,
  directory: string,
  { attributes }: Focus,
  known: Readonly<Record<Exclude<Detail, "every">, readonly string[]>>,
): Promise<readonly string[] | undefined> {
  return attributes === "every" ? ifThere(system.list(directory)) : known[attributes];
}

/** Some attribute is there on every kernel: an item without any is gone. What was listed may truly have none. */
export function isGone(read: Attributes, { attributes }: Focus): boolean {
  return attributes !== "every" && Object.keys(read).length === 0;
}
