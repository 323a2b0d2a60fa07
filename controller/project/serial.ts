import { FlashfleetError } from "../../shared/errors.ts";
import type { Json } from "../template/value.ts";

/** Why a value is no `serial`, or undefined where it is one. */
export function serialProblem(value: Json): string | undefined {
  const sizes = [value].flat();
  if (sizes.length > 0 && sizes.every((size) => sizeOf(size, 100) !== undefined)) return undefined;
  return "serial is a number of hosts, a percentage as in 25%, or a list of them";
}

/** The sizes of a play's batches for so many hosts; the last given size repeats. Throws `bad_playbook`. */
export function batchSizes(serial: Json, hosts: number): number[] {
  const problem = serialProblem(serial);
  if (problem !== undefined) throw new FlashfleetError("bad_playbook", `cannot make batches of hosts: ${problem}`);
  const given = [serial].flat().map((size) => sizeOf(size, hosts) ?? hosts);
  const batches: number[] = [];
  for (let left = hosts; left > 0; left -= batches.at(-1) ?? left)
    batches.push(Math.min(left, given[batches.length] ?? given.at(-1) ?? left));
  return batches;
}

/** A size in hosts: at least one, and 0 is all of them, as in Ansible. */
function sizeOf(size: Json | undefined, hosts: number): number | undefined {
  const percent = typeof size === "string" ? /^(\d+(?:\.\d+)?)%$/.exec(size.trim()) : null;
  if (percent !== null) return Math.max(1, Math.floor((hosts * Number(percent[1])) / 100));
  const number = typeof size === "string" && /^\d+$/.test(size.trim()) ? Number(size) : size;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 0) return undefined;
  return number === 0 ? Math.max(1, hosts) : number;
}
