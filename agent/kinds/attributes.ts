import type { ErrorData } from "../../shared/errors.ts";
import type { Attributes } from "../observe/observed.ts";
import type { Op } from "../system/system.ts";

/** Attribute files to have, by file name, with the value as it is written. */
export type WantedAttributes = Readonly<Record<string, string | undefined>>;

export interface AttributeDifference {
  name: string;
  from: string | undefined;
  to: string;
}

/** Which of the wanted attributes read otherwise. Undefined ones are left alone. */
export function differences(wanted: WantedAttributes, seen: Attributes | undefined): AttributeDifference[] {
  return Object.entries(wanted).flatMap(([name, to]) => {
    if (to === undefined) return [];
    const from = seen?.[name];
    return from !== undefined && sameValue(name, from, to) ? [] : [{ name, from, to }];
  });
}

/** Attributes that were asked for and that this kernel does not have. `seen` is of an item that exists. */
export function lacking(wanted: WantedAttributes, seen: Attributes): string[] {
  return Object.entries(wanted).flatMap(([name, to]) => (to !== undefined && seen[name] === undefined ? [name] : []));
}

export function lackingError(names: readonly string[], of: string): ErrorData {
  return {
    code: "kernel_lacks",
    message: `cannot set ${names.join(", ")} of ${of}: this kernel's nvmet does not have ${names.length === 1 ? "it" : "them"}`,
    hint: "leave the field out, or run a kernel that has it",
  };
}

export function writeOps(directory: string, changes: readonly { name: string; to: string }[]): Op[] {
  return changes.map(({ name, to }) => ({ op: "write", path: `${directory}/${name}`, value: to }));
}

/** "set addr_traddr to 10.0.0.1 (was 10.0.0.2)" for each of them. */
export function saySet(changes: readonly AttributeDifference[]): string {
  return changes
    .map(({ name, from, to }) => `${name} to ${to}${from === undefined || from === "" ? "" : ` (was ${from})`}`)
    .join(", ");
}

/** nvmet reads some attributes back in another form than they were written in (nvmet-abi 2). */
function sameValue(name: string, from: string, to: string): boolean {
  if (from === to) return true;
  if (name === "device_uuid" || name === "device_nguid") return hex(from) === hex(to);
  // Up to 5.10 a serial is a number, shown in hexadecimal without leading zeros.
  if (name === "attr_serial")
    return from.trimEnd() === to || from.replace(/^0+/, "") === to.toLowerCase().replace(/^(0x)?0*/, "");
  return false;
}

const hex = (text: string) => text.toLowerCase().replace(/[^0-9a-f]/g, "");
